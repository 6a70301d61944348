import { useMutation } from "@tanstack/react-query";

import { api, ok, raw } from "@/api/client";
import { stale } from "@/api/keys";
import { toast } from "@/components/ui/toast";
import { save } from "@/lib/save";

import type { Plan } from "./queries";
import { useTexts } from "./texts";

/** The dialog tells what failed. */
const ofPlan = { stale: stale.subscribed, inline: true };

/** Another plan: it holds, or is paid elsewhere first, or the operator is asked. */
export const useChoose = ({ id, title }: Plan) => {
  const words = useTexts();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/v1/billing/checkout", { body: { plan: id } })),
    onSuccess: ({ outcome, url }) => {
      if (outcome === "done") toast(words.chosen(title));
      if (outcome === "pay" && url) location.assign(url);
    },
    meta: ofPlan,
  });
};

export const useEnd = () => useMutation({ mutationFn: () => ok(api.POST("/api/v1/billing/cancel")), meta: ofPlan });

/** Takes back that the plan shall end. */
export const useResume = (title: string) => {
  const words = useTexts();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/v1/billing/resume")),
    onSuccess: () => toast(words.resumed(title)),
    meta: { stale: stale.subscribed },
  });
};

/** Goes where it is changed how one pays. */
export const usePortal = () => {
  const words = useTexts();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/v1/billing/portal")),
    onSuccess: ({ url }) => (url ? location.assign(url) : toast(words.noPayment)),
  });
};

/** The statement of a month, as a file. */
export const useDownload = (month: string) =>
  useMutation({
    mutationFn: async () => (await raw(`/api/v1/usage/statement?month=${month}&format=csv`)).blob(),
    onSuccess: (file) => save(file, `statement-${month}.csv`),
  });
