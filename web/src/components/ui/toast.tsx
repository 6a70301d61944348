import { Toast as Radix } from "radix-ui";
import type { ReactNode } from "react";

import { useT } from "@/i18n";
import { store, useStore } from "@/lib/store";

import { Button } from "./button";

interface Message {
  key: number;
  text: ReactNode;
  danger: boolean;
  action?: { label: string; run: () => void };
}

const messages = store<Message[]>([]);
let count = 0;

/** Says something in passing, perhaps with a way back. */
export function toast(text: ReactNode, options: { danger?: boolean; action?: Message["action"] } = {}): void {
  const message: Message = { key: ++count, text, danger: options.danger ?? false, ...(options.action ? { action: options.action } : {}) };
  messages.set([...messages.get().slice(-2), message]);
}

export function Toaster() {
  const t = useT();
  const shown = useStore(messages);
  const close = (key: number) => messages.set(messages.get().filter((message) => message.key !== key));
  return (
    <Radix.Provider duration={8000} label={t.common.notifications} swipeDirection="right">
      {shown.map((message) => (
        <Radix.Root
          key={message.key}
          type={message.danger ? "foreground" : "background"}
          onOpenChange={(open) => !open && close(message.key)}
          className={`flex animate-[appear_150ms_ease-out] items-center gap-3 rounded-xl border px-4 py-3 text-sm shadow-lg ${message.danger ? "border-danger/40 bg-danger-soft" : "bg-surface"}`}
        >
          <Radix.Description className="flex-1">{message.text}</Radix.Description>
          {message.action && (
            <Radix.Action altText={message.action.label} asChild onClick={message.action.run}>
              <Button size="sm" variant="outline">
                {message.action.label}
              </Button>
            </Radix.Action>
          )}
          <Radix.Close className="rounded-md px-1.5 text-subtle hover:bg-muted" aria-label={t.common.close}>
            ✕
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport
        className="fixed right-0 bottom-16 z-60 m-0 flex w-full max-w-sm list-none flex-col gap-2 p-4 outline-none"
        label={t.common.notifications}
      />
    </Radix.Provider>
  );
}
