import { Link } from "@tanstack/react-router";
import { ArrowRight, Eye, PackageOpen, PlugZap, Search, ShieldCheck } from "lucide-react";
import { useEffect } from "react";

import { config } from "@/api/config";
import { Mark } from "@/components/frame";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n";

const ICONS = [PlugZap, Eye, Search, PackageOpen];
const CLIENTS = ["Claude", "ChatGPT", "Cursor", "VS Code", "Windsurf", "Cline", "Codex", "Gemini CLI"];

export function Landing() {
  const t = useT();
  const open = config().registration || config().supabase !== null;
  useEffect(() => {
    document.title = t.product;
  }, [t.product]);
  return (
    <div className="mx-auto w-full max-w-6xl px-4 sm:px-6">
      <section className="grid items-center gap-10 py-10 sm:py-16 lg:grid-cols-[1.15fr_1fr] lg:gap-14 lg:py-24">
        <div>
          <h1 className="text-4xl leading-[1.08] font-semibold tracking-tight sm:text-5xl lg:text-6xl">{t.landing.title}</h1>
          <p className="mt-5 max-w-xl text-lg leading-relaxed text-subtle">{t.landing.lead}</p>
          <div className="mt-8 flex flex-wrap gap-3">
            {open && (
              <Button asChild size="lg">
                <Link to="/register">
                  {t.landing.start} <ArrowRight />
                </Link>
              </Button>
            )}
            <Button asChild size="lg" variant={open ? "outline" : "default"}>
              <Link to="/sign-in">{t.nav.signIn}</Link>
            </Button>
          </div>
        </div>
        <Example />
      </section>

      <section className="grid gap-px overflow-hidden rounded-2xl border bg-border sm:grid-cols-2">
        {t.landing.features.map(([title, text], index) => {
          const Icon = ICONS[index] ?? Eye;
          return (
            <div key={title} className="bg-surface p-6 sm:p-8">
              <Icon className="size-5 text-primary" aria-hidden />
              <h2 className="mt-4 text-lg font-semibold">{title}</h2>
              <p className="mt-2 leading-relaxed text-subtle">{text}</p>
            </div>
          );
        })}
      </section>

      <section className="grid gap-8 py-14 lg:grid-cols-[1fr_1.6fr] lg:py-20">
        <div>
          <ShieldCheck className="size-7 text-primary" aria-hidden />
          <h2 className="mt-3 text-2xl font-semibold">{t.landing.protectTitle}</h2>
        </div>
        <ul className="grid gap-5 sm:grid-cols-2">
          {t.landing.protect.map((text) => (
            <li key={text} className="border-t-2 border-primary/50 pt-3 leading-relaxed text-subtle">
              {text}
            </li>
          ))}
        </ul>
      </section>

      <section className="flex flex-wrap items-center gap-x-3 gap-y-3 border-t py-8 text-sm">
        <h2 className="mr-2 font-medium text-subtle">{t.landing.works}</h2>
        {CLIENTS.map((name) => (
          <span key={name} className="rounded-lg border bg-surface px-3 py-1.5 font-medium">
            {name}
          </span>
        ))}
      </section>
    </div>
  );
}

/** What the product does, in one picture made of text. */
function Example() {
  const t = useT();
  const { example } = t.landing;
  return (
    <figure aria-label={t.landing.illustration} className="grid gap-4 rounded-3xl border bg-surface p-5 shadow-sm sm:p-7">
      <div>
        <p className="text-xs font-medium text-subtle">{example.you}</p>
        <p className="mt-1.5 rounded-2xl rounded-bl-md bg-muted px-4 py-3">{example.said}</p>
      </div>
      <p className="flex items-center gap-2 text-sm font-medium text-primary">
        <Mark className="size-5" />
        {example.remembered}
      </p>
      <div className="border-t pt-4">
        <p className="text-xs font-medium text-subtle">{example.later}</p>
        <p className="mt-1.5 rounded-2xl rounded-bl-md bg-muted px-4 py-3">{example.asked}</p>
      </div>
      <p className="flex items-center gap-2 text-sm font-medium text-primary">
        <Mark className="size-5" />
        {example.found}
      </p>
      <p className="ml-8 rounded-2xl rounded-br-md bg-accent px-4 py-3 text-on-accent">{example.answered}</p>
    </figure>
  );
}
