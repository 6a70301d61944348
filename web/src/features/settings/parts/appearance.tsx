import { Card, CardTitle } from "@/components/ui/card";
import { Field, Select } from "@/components/ui/field";
import { Switch } from "@/components/ui/switch";
import { LANGUAGES, type Language, useLanguage, useT } from "@/i18n";
import { useShortcutsOn } from "@/lib/shortcuts";
import { THEMES, type Theme, setTheme, useTheme } from "@/lib/theme";

export function Appearance() {
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
