import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";

import { ApiError } from "@/api/error";
import { Of } from "@/components/states";
import { useT } from "@/i18n";
import { toLastList } from "@/lib/lists";

import { Detail } from "./parts/detail";
import { Gone } from "./parts/gone";
import { memoryQuery } from "./queries";

export function MemoryDetail() {
  const t = useT();
  const { id } = useParams({ from: "/inside/memories/$id" });
  const memory = useQuery(memoryQuery(id));
  const gone = memory.error instanceof ApiError && memory.error.status < 500 && memory.error.status >= 400;
  return (
    <>
      <Link {...toLastList()} className="mb-3 inline-flex items-center gap-1.5 rounded-md text-sm text-subtle hover:text-foreground">
        <ArrowLeft className="size-4" aria-hidden />
        {t.memory.back}
      </Link>
      {gone ? <Gone id={id} /> : <Of query={memory}>{(found) => <Detail memory={found} />}</Of>}
    </>
  );
}
