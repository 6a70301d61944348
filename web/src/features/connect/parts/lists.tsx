import { useQuery } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { type ReactNode, useState } from "react";

import { Empty } from "@/components/states";
import { appsQuery } from "@/features/apps/queries";
import type { Asked } from "@/features/credentials/parts/dialogs";
import { type AnyCredential, type Credential, type Grant, titleOf, works } from "@/features/credentials/queries";
import { useT } from "@/i18n";

import { GrantRow } from "./grant-row";
import { Row } from "./row";

/** All clients: those that were let in, and those with a link. What has ended is folded away. */
export function Lists({
  grants,
  endpoints,
  add,
  askGrant,
  askEndpoint,
  rotate,
  takeBack,
}: {
  grants: Grant[];
  endpoints: Credential[];
  /** The way to the first one. */
  add: ReactNode;
  askGrant: (asked: Asked) => void;
  askEndpoint: (asked: Asked) => void;
  rotate: (endpoint: Credential) => void;
  takeBack: (of: AnyCredential) => void;
}) {
  const t = useT();
  const apps = useQuery(appsQuery);
  const [ended, setEnded] = useState(false);
  const app = ({ client }: AnyCredential) => apps.data?.find((each) => each.name === client);
  const letIn = ended ? grants : grants.filter(works);
  const links = ended ? endpoints : endpoints.filter(works);
  return (
    <div className="grid grid-cols-1 gap-6">
      {letIn.length + links.length === 0 && (
        <Empty icon={<PlugZap />} title={t.connect.emptyTitle} action={add}>
          {t.connect.empty}
        </Empty>
      )}
      {letIn.length > 0 && (
        <Listed title={t.connect.grants.title} lead={t.connect.grants.lead} label={t.connect.grants.title}>
          {letIn.map((grant) => (
            <GrantRow
              key={grant.id}
              grant={grant}
              app={app(grant)}
              rename={() => askGrant({ to: "rename", of: grant })}
              takeBack={() => takeBack(grant)}
              showOut={() => askGrant({ to: "revoke", of: grant })}
            />
          ))}
        </Listed>
      )}
      {links.length > 0 && (
        <Listed title={t.connect.links.title} lead={t.connect.links.lead} label={t.connect.yours}>
          {links.map((endpoint) => (
            <Row
              key={endpoint.id}
              endpoint={endpoint}
              app={app(endpoint)}
              twin={links.some((other) => other.id !== endpoint.id && titleOf(other) === titleOf(endpoint))}
              rotate={() => rotate(endpoint)}
              rename={() => askEndpoint({ to: "rename", of: endpoint })}
              takeBack={() => takeBack(endpoint)}
              revoke={() => askEndpoint({ to: "revoke", of: endpoint })}
            />
          ))}
        </Listed>
      )}
      {!(grants.every(works) && endpoints.every(works)) && (
        <label className="flex items-center gap-2 justify-self-start text-sm text-subtle">
          <input type="checkbox" className="size-4 accent-primary" checked={ended} onChange={(event) => setEnded(event.target.checked)} />
          {t.connect.showRevoked}
        </label>
      )}
    </div>
  );
}

function Listed({ title, lead, label, children }: { title: string; lead: string; label: string; children: ReactNode }) {
  return (
    <section className="grid grid-cols-1 gap-3">
      <div>
        <h2 className="font-semibold">{title}</h2>
        <p className="text-sm text-subtle">{lead}</p>
      </div>
      <ul aria-label={label} className="grid grid-cols-1 gap-3">
        {children}
      </ul>
    </section>
  );
}
