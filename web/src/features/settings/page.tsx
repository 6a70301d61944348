import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { LogOut } from "lucide-react";
import { useState } from "react";

import { config } from "@/api/config";
import { meQuery } from "@/api/queries";
import { session } from "@/api/session";
import { Confirm } from "@/components/confirm";
import { PageTitle } from "@/components/frame";
import { Of } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Card, CardTitle } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { LANGUAGES, type Language, useLanguage, useT } from "@/i18n";
import { useShortcutsOn } from "@/lib/shortcuts";
import { THEMES, type Theme, setTheme, useTheme } from "@/lib/theme";
import { SETTINGS_TABS } from "@/router";

import { Data } from "./parts/data";
import { EraseAccount } from "./parts/erase";
import { Keys } from "./parts/keys";
import { Password } from "./parts/password";
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

function Profile() {
  const t = useT();
  const me = useQuery(meQuery);
  const [leaving, setLeaving] = useState(false);
  return (
    <Card>
      <CardTitle>{t.settings.profile}</CardTitle>
      <Of query={me} height="h-20">
        {({ email, user_id }) => (
          <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
            <dt className="text-subtle">{t.settings.email}</dt>
            <dd className="break-all">{email ?? t.settings.noEmail}</dd>
            <dt className="text-subtle">{t.settings.userId}</dt>
            <dd className="font-mono text-xs leading-5 break-all">{user_id}</dd>
          </dl>
        )}
      </Of>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button variant="outline" onClick={() => void session.signOut()}>
          <LogOut />
          {t.nav.signOut}
        </Button>
        <Button variant="danger-outline" onClick={() => setLeaving(true)}>
          {t.settings.signOutEverywhere}
        </Button>
      </div>
      <Confirm
        open={leaving}
        onOpenChange={setLeaving}
        title={t.settings.signOutEverywhere}
        action={t.settings.signOutEverywhere}
        final
        run={() => session.signOut(true)}
      >
        {t.settings.signOutEverywhereText}
      </Confirm>
    </Card>
  );
}

function Appearance() {
  const t = useT();
  const theme = useTheme();
  const [language, setLanguage] = useLanguage();
  const [shortcuts, setShortcuts] = useShortcutsOn();
  return (
    <Card>
      <CardTitle>{t.settings.appearance}</CardTitle>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        <Field label={t.nav.theme}>
          {(ids) => (
            <Select {...ids} value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
              {THEMES.map((each) => (
                <option key={each} value={each}>
                  {t.nav.themes[each]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t.nav.languageLabel}>
          {(ids) => (
            <Select {...ids} value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
              {Object.entries(LANGUAGES).map(([code, name]) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <label className="flex items-center justify-between gap-4 text-sm font-medium">
          {t.memories.shortcutsOn}
          <Switch checked={shortcuts} onCheckedChange={setShortcuts} />
        </label>
      </div>
    </Card>
  );
}
