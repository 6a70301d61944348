import { DropdownMenu as Radix } from "radix-ui";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** Not modal: the page behind stays readable, and a press beside the menu does what it says. */
export function Menu(props: ComponentProps<typeof Radix.Root>) {
  return <Radix.Root modal={false} {...props} />;
}
export const MenuTrigger = Radix.Trigger;

export function MenuContent({ className, sideOffset = 6, ...props }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={sideOffset}
        collisionPadding={8}
        className={cn(
          "z-50 min-w-44 rounded-xl border bg-surface p-1 shadow-lg data-[state=open]:animate-[appear_120ms_ease-out]",
          className,
        )}
        {...props}
      />
    </Radix.Portal>
  );
}

const item =
  "flex items-center gap-2 rounded-lg px-2.5 py-2 text-sm outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-muted [&_svg]:size-4 [&_svg]:text-subtle";

export function MenuItem({ className, danger, ...props }: ComponentProps<typeof Radix.Item> & { danger?: boolean }) {
  return <Radix.Item className={cn(item, danger && "text-danger [&_svg]:text-danger", className)} {...props} />;
}

export function MenuRadioGroup(props: ComponentProps<typeof Radix.RadioGroup>) {
  return <Radix.RadioGroup {...props} />;
}

export function MenuRadioItem({ className, children, ...props }: ComponentProps<typeof Radix.RadioItem>) {
  return (
    <Radix.RadioItem className={cn(item, "data-[state=checked]:font-semibold", className)} {...props}>
      {children}
      <Radix.ItemIndicator className="ml-auto text-primary">●</Radix.ItemIndicator>
    </Radix.RadioItem>
  );
}

export function MenuLabel(props: ComponentProps<typeof Radix.Label>) {
  return <Radix.Label className="px-2.5 pt-2 pb-1 text-xs font-medium text-subtle" {...props} />;
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-border" />;
}
