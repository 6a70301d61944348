import { type ReactNode, useEffect } from "react";

import { config } from "@/api/config";
import { useT } from "@/i18n";

import { useTexts } from "./texts";

function Article({ title, children }: { title: string; children: ReactNode }) {
  const t = useT();
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title, t.product]);
  return (
    <article className="mx-auto w-full max-w-2xl px-4 py-8 sm:px-6 sm:py-12">
      <h1 className="text-3xl font-semibold">{title}</h1>
      <div className="mt-6 grid gap-6 leading-relaxed">{children}</div>
    </article>
  );
}

function Sections({ sections }: { sections: [string, string][] }) {
  return sections.map(([title, text]) => (
    <section key={title}>
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="mt-1.5 text-subtle">{text}</p>
    </section>
  ));
}

export function Privacy() {
  const words = useTexts();
  return (
    <Article title={words.privacyTitle}>
      <Sections sections={words.privacy} />
    </Article>
  );
}

export function Terms() {
  const words = useTexts();
  return (
    <Article title={words.termsTitle}>
      <Sections sections={words.terms} />
    </Article>
  );
}

export function Support() {
  const t = useT();
  const words = useTexts();
  const { contact, version } = config();
  // Only what the operator may have meant: an address to write to, or a page.
  const href = contact === null ? null : /^https?:\/\//.test(contact) ? contact : contact.includes("@") ? `mailto:${contact}` : null;
  return (
    <Article title={words.supportTitle}>
      <section className="grid gap-2">
        <p>{words.supportLead}</p>
        {contact === null ? (
          <p className="text-subtle">{words.supportNone}</p>
        ) : (
          <p>
            {words.supportContact}{" "}
            {href ? (
              <a href={href} rel="noreferrer" className="font-medium text-primary underline underline-offset-4">
                {contact}
              </a>
            ) : (
              <strong>{contact}</strong>
            )}
          </p>
        )}
        <p className="text-subtle">{words.supportTell}</p>
      </section>
      <section>
        <h2 className="text-lg font-semibold">{words.supportFirst}</h2>
        <ul className="mt-2 list-disc space-y-1.5 pl-5 text-subtle">
          {words.supportTips.map((tip) => (
            <li key={tip}>{tip}</li>
          ))}
        </ul>
      </section>
      <p className="text-sm text-subtle">
        <a href="/docs/" className="text-primary underline underline-offset-4">
          {words.docs}
        </a>{" "}
        ·{" "}
        <a href="/licenses.txt" className="text-primary underline underline-offset-4">
          {words.licenses}
        </a>{" "}
        · {t.product} {version}
      </p>
    </Article>
  );
}
