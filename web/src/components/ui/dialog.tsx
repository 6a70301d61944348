import { X } from "lucide-react";
import { AlertDialog, Dialog as Radix } from "radix-ui";
import {
  type ComponentProps,
  type ReactNode,
  createContext,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";

import { useT } from "@/i18n";
import type { Catalogue } from "@/i18n/en";
import { cn } from "@/lib/cn";
import { type Place, focusFirst, goBack, placeNow, sendsForm } from "@/lib/focus";

import { Button } from "./button";

export const DialogClose = Radix.Close;

/** What would be lost: text that is not saved, or a secret that was not copied. */
export type Loss = keyof Catalogue["losing"];
interface Guard {
  loss: Loss;
  /** Called when it is lost. */
  left?: (() => void) | undefined;
}

interface Frame {
  /** Asks from now on, until the answer is called. */
  hold: (guard: Guard) => () => void;
  /** Gives the focus back. */
  back: () => void;
}

const Around = createContext<Frame | null>(null);

const nowhere: Place = { element: null, rows: [] };

/** Remembers what had the focus before something opened over it. */
function useWayBack(open: boolean): () => void {
  const place = useRef(nowhere);
  const opened = useRef(open);
  useLayoutEffect(() => {
    opened.current = open;
    if (open) place.current = placeNow();
    return () => {
      opened.current = false;
    };
  }, [open]);
  return useCallback(() => {
    // One step of a dialog may give way to the next.
    if (!opened.current) goBack(place.current);
  }, []);
}

/** A dialog that asks before it closes where something would be lost with it: see {@link useGuard}. */
export function Dialog({ open, onOpenChange, children }: { open: boolean; onOpenChange: (open: boolean) => void; children: ReactNode }) {
  const guard = useRef<Guard | null>(null);
  const [asked, setAsked] = useState<Guard | null>(null);
  const back = useWayBack(open);
  const hold = useCallback((next: Guard) => {
    guard.current = next;
    return () => {
      if (guard.current === next) guard.current = null;
    };
  }, []);
  const around = useMemo(() => ({ hold, back }), [hold, back]);
  return (
    <Around.Provider value={around}>
      <Radix.Root open={open} onOpenChange={(next) => (!next && guard.current ? setAsked(guard.current) : onOpenChange(next))}>
        {children}
        {open && asked && (
          <Losing
            loss={asked.loss}
            keep={() => setAsked(null)}
            leave={() => {
              setAsked(null);
              asked.left?.();
              onOpenChange(false);
            }}
          />
        )}
      </Radix.Root>
    </Around.Provider>
  );
}

/** While `when` holds, the dialog around asks before it closes. */
export function useGuard(when: boolean, loss: Loss, left?: () => void): void {
  const hold = useContext(Around)?.hold;
  useLayoutEffect(() => (when ? hold?.({ loss, left }) : undefined));
}

/** Asks whether something shall be lost. */
export function Losing({ loss, keep, leave }: { loss: Loss; keep: () => void; leave: () => void }) {
  const t = useT();
  const back = useWayBack(true);
  const texts = t.losing[loss];
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && keep()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 bg-black/45" />
        <AlertDialog.Content
          className="fixed top-1/2 left-1/2 z-50 w-[calc(100vw-1.5rem)] max-w-md -translate-x-1/2 -translate-y-1/2 rounded-2xl border bg-surface p-5 shadow-2xl sm:p-6"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            back();
          }}
        >
          <AlertDialog.Title className="text-lg font-semibold">{texts.title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-sm text-subtle">{texts.text}</AlertDialog.Description>
          <DialogActions>
            <Button variant="danger-outline" onClick={leave}>
              {texts.leave}
            </Button>
            <AlertDialog.Cancel asChild>
              <Button>{texts.keep}</Button>
            </AlertDialog.Cancel>
          </DialogActions>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

export function DialogContent({
  title,
  description,
  className,
  children,
  ...props
}: Omit<ComponentProps<typeof Radix.Content>, "title"> & { title: ReactNode; description?: ReactNode }) {
  const t = useT();
  const around = useContext(Around);
  return (
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-40 bg-black/45 data-[state=open]:animate-[appear_120ms_ease-out]" />
      <Radix.Content
        className={cn(
          "fixed top-1/2 left-1/2 z-50 flex max-h-[min(92dvh,56rem)] w-[calc(100vw-1.5rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 flex-col rounded-2xl border bg-surface shadow-2xl outline-none",
          className,
        )}
        {...(description ? {} : { "aria-describedby": undefined })}
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          focusFirst(event.currentTarget as HTMLElement);
        }}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          around?.back();
        }}
        onKeyDown={sendsForm}
        {...props}
      >
        <div className="flex items-start gap-4 px-5 pt-5 sm:px-6 sm:pt-6">
          <div className="grid flex-1 gap-1">
            <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
            {description && <Radix.Description className="text-sm text-subtle">{description}</Radix.Description>}
          </div>
          <Radix.Close
            className="-mt-1 -mr-1 grid size-9 place-items-center rounded-lg text-subtle hover:bg-muted"
            aria-label={t.common.close}
          >
            <X className="size-4" />
          </Radix.Close>
        </div>
        <div className="min-h-0 overflow-y-auto px-5 pt-4 pb-5 sm:px-6 sm:pb-6">{children}</div>
      </Radix.Content>
    </Radix.Portal>
  );
}

/** Buttons at the end of a dialog; the deed comes last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</div>;
}
