import "./styles.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { loadConfig } from "./api/config";
import { startSession } from "./api/session";
import { Toaster } from "./components/ui/toast";
import { TextsProvider, firstTexts } from "./i18n";
import { client } from "./query-client";
import { router } from "./router";

// Dialogs and menus hold the page still with a style element, which the content policy takes only with this number.
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
if (nonce) setNonce(nonce);

/** Toasts are shown whatever the page is, and may lead to another one. */
const Around = ({ children }: { children?: ReactNode }) => (
  <>
    {children}
    <Toaster />
  </>
);

const root = createRoot(document.getElementById("root") as HTMLElement);

async function start(): Promise<void> {
  const texts = await firstTexts();
  try {
    await loadConfig();
    await startSession();
  } catch {
    // Without the server there is no page: say so, and look again.
    root.render(
      <main className="grid min-h-dvh place-items-center p-6">
        <p role="alert" className="max-w-sm text-center">
          {texts.errors.starting}
        </p>
      </main>,
    );
    setTimeout(() => void start(), 3000);
    return;
  }
  root.render(
    <StrictMode>
      <TextsProvider first={texts}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} InnerWrap={Around} />
        </QueryClientProvider>
      </TextsProvider>
    </StrictMode>,
  );
}

void start();
