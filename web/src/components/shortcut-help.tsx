import { Kbd } from "@/components/ui/card";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import { useT } from "@/i18n";
import { useShortcutsOn } from "@/lib/shortcuts";

type Keys = [string[], string][];

export function ShortcutHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useT();
  const { keys } = t.memories;
  const [on, setOn] = useShortcutsOn();
  const review = t.review.keys;
  const ofList: Keys = [
    [["/"], keys.search],
    [["n"], keys.new],
    [["j"], keys.down],
    [["k"], keys.up],
    [["x"], keys.select],
    [["Enter"], keys.open],
    [["e"], keys.edit],
    [["a"], keys.archive],
    [["p"], keys.pause],
    [["r"], keys.restore],
    [["#", "Delete"], keys.delete],
    [["Esc"], keys.clear],
    [["?"], keys.help],
  ];
  const ofReview: Keys = [
    [["j"], review.down],
    [["k"], review.up],
    [["Enter"], review.keep],
    [["e"], review.edit],
    [["m"], review.merge],
    [["x"], review.drop],
    [["u"], review.undo],
    [["?"], review.help],
  ];
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t.memories.shortcuts}>
        <label className="mb-4 flex items-center justify-between gap-4 rounded-xl bg-muted px-4 py-3 text-sm font-medium">
          {t.memories.shortcutsOn}
          <Switch checked={on} onCheckedChange={setOn} />
        </label>
        <List title={t.memories.title} keys={ofList} />
        <List title={t.review.title} keys={ofReview} />
      </DialogContent>
    </Dialog>
  );
}

function List({ title, keys }: { title: string; keys: Keys }) {
  return (
    <section className="mt-4">
      <h3 className="mb-2 text-sm font-semibold">{title}</h3>
      <dl className="grid gap-2 text-sm sm:grid-cols-2 sm:gap-x-8">
        {keys.map(([names, text]) => (
          <div key={text} className="flex items-center justify-between gap-4">
            <dt>{text}</dt>
            <dd className="flex gap-1">
              {names.map((name) => (
                <Kbd key={name}>{name}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
