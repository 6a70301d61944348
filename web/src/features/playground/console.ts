import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, ok } from "@/api/client";
import { session } from "@/api/session";

import { McpConsole, type Tool } from "./mcp";

/** A key of the page's own, and what it opens. */
export interface Console {
  /** When the key ends by itself, RFC 3339. */
  until: string;
  mcp: McpConsole;
  tools: Tool[];
}

const HOUR = 3_600_000;

function revoke(keyId: string): void {
  void ok(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: keyId } } })).catch(() => undefined);
}

/** The same while the page is going away: nothing can be waited for, and the request must outlive the page. */
function revokeLeaving(keyId: string): void {
  const token = session.lastToken();
  if (!token) return;
  const headers = { authorization: `Bearer ${token}` };
  void fetch(`/api/v1/keys/${keyId}`, { method: "DELETE", keepalive: true, headers }).catch(() => undefined);
}

/** Opens a console with a key of its own, and closes it. */
export function useConsole() {
  const [console, setConsole] = useState<Console | null>(null);
  // The key does not outlive the page.
  const keyId = useRef<string | null>(null);
  const end = () => {
    if (keyId.current) revoke(keyId.current);
    keyId.current = null;
  };
  useEffect(() => {
    const leaving = () => {
      if (keyId.current) revokeLeaving(keyId.current);
    };
    addEventListener("pagehide", leaving);
    return () => {
      removeEventListener("pagehide", leaving);
      if (keyId.current) revoke(keyId.current);
    };
  }, []);
  const start = useMutation({
    mutationFn: async (): Promise<Console> => {
      const until = new Date(Date.now() + HOUR).toISOString();
      const key = await ok(api.POST("/api/v1/keys/", { body: { name: "playground", client: "playground", expires_at: until } }));
      keyId.current = key.id;
      const mcp = new McpConsole(key.api_key);
      return { until, mcp, tools: await mcp.tools() };
    },
    onSuccess: setConsole,
    onError: end,
    // Told where it is started.
    meta: { inline: true },
  });
  const stop = () => {
    end();
    setConsole(null);
  };
  return { console, start, stop };
}
