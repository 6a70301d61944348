import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";

import { PageTitle } from "@/components/frame";
import { Empty, Of } from "@/components/states";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { meQuery } from "@/features/account/queries";
import { OPERATOR_PAGES } from "@/routes";

import { Health } from "./parts/health";
import { Jobs } from "./parts/jobs";
import { Audit, Users } from "./parts/tables";
import { useTexts } from "./texts";

export function Operator() {
  const words = useTexts();
  const { page } = useParams({ from: "/inside/operator/$page" });
  const navigate = useNavigate();
  const me = useQuery(meQuery);
  if (me.data && !me.data.operator) return <Empty title={words.only} />;
  return (
    <>
      <PageTitle title={words.title} lead={words.lead} />
      <Of query={me}>
        {() => (
          <Tabs value={page} onValueChange={(next) => void navigate({ to: "/operator/$page", params: { page: next } })}>
            <TabsList aria-label={words.title}>
              {OPERATOR_PAGES.map((each) => (
                <TabsTrigger key={each} value={each}>
                  {words[each]}
                </TabsTrigger>
              ))}
            </TabsList>
            <TabsContent value="health">
              <Health />
            </TabsContent>
            <TabsContent value="users">
              <Users />
            </TabsContent>
            <TabsContent value="jobs">
              <Jobs />
            </TabsContent>
            <TabsContent value="audit">
              <Audit />
            </TabsContent>
          </Tabs>
        )}
      </Of>
    </>
  );
}
