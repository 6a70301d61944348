import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";

import { PageTitle } from "@/components/frame";
import { Empty, Of } from "@/components/states";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { meQuery } from "@/features/account/queries";
import { useT } from "@/i18n";
import { OPERATOR_PAGES } from "@/routes";

import { Health } from "./parts/health";
import { Jobs } from "./parts/jobs";
import { Audit, Users } from "./parts/tables";

export function Operator() {
  const t = useT();
  const { page } = useParams({ from: "/inside/operator/$page" });
  const navigate = useNavigate();
  const me = useQuery(meQuery);
  if (me.data && !me.data.operator) return <Empty title={t.operator.only} />;
  return (
    <>
      <PageTitle title={t.operator.title} lead={t.operator.lead} />
      <Of query={me}>
        {() => (
          <Tabs value={page} onValueChange={(next) => void navigate({ to: "/operator/$page", params: { page: next } })}>
            <TabsList aria-label={t.operator.title}>
              {OPERATOR_PAGES.map((each) => (
                <TabsTrigger key={each} value={each}>
                  {t.operator[each]}
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
