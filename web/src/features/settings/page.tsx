import { useNavigate, useSearch } from "@tanstack/react-router";

import { config } from "@/api/config";
import { PageTitle } from "@/components/frame";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useT } from "@/i18n";
import { SETTINGS_TABS } from "@/routes";

import { Appearance } from "./parts/appearance";
import { Data } from "./parts/data";
import { EraseAccount } from "./parts/erase";
import { Keys } from "./parts/keys";
import { Password } from "./parts/password";
import { Profile } from "./parts/profile";
import { Rules } from "./parts/rules";

export function Settings() {
  const t = useT();
  const { tab } = useSearch({ from: "/inside/settings" });
  const navigate = useNavigate({ from: "/settings" });
  const { accounts, supabase } = config();
  return (
    <>
      <PageTitle title={t.settings.title} />
      <Tabs value={tab ?? "profile"} onValueChange={(next) => void navigate({ search: { tab: next }, replace: true })}>
        <TabsList aria-label={t.settings.title}>
          {SETTINGS_TABS.map((each) => (
            <TabsTrigger key={each} value={each}>
              {t.settings.tabs[each]}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value="profile" className="grid gap-4">
          <Profile />
          {accounts && !supabase && <Password />}
          <Appearance />
        </TabsContent>
        <TabsContent value="rules">
          <Rules />
        </TabsContent>
        <TabsContent value="keys">
          <Keys />
        </TabsContent>
        <TabsContent value="data">
          <Data />
        </TabsContent>
        <TabsContent value="account">
          <EraseAccount />
        </TabsContent>
      </Tabs>
    </>
  );
}
