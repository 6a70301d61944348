import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";

import { Loading } from "@/components/states";

import { Answered } from "./parts/answered";
import { NotAsked } from "./parts/not-asked";
import { type Answer, Question } from "./parts/question";
import { requestQuery } from "./queries";
import { codeOf } from "./schema";

/** A program asks to be let in. It has sent its person here, or shows a code that leads here. */
export function Authorize() {
  const { request } = useParams({ from: "/outside/authorize/$request" });
  return <Decision key={request} id={request} />;
}

function Decision({ id }: { id: string }) {
  const asked = useQuery(requestQuery(id));
  const [answer, setAnswer] = useState<Answer | null>(null);
  const code = codeOf(id);
  const answered = (next: Answer) => {
    setAnswer(next);
    if (next.to !== null) window.location.assign(next.to);
  };
  const again = () => void asked.refetch();
  if (asked.data && answer) return <Answered asked={asked.data} answer={answer} />;
  if (asked.error) return <NotAsked error={asked.error} code={code} retry={again} taken={asked.data !== undefined} />;
  if (asked.data) return <Question id={id} code={code} asked={asked.data} answered={answered} look={again} />;
  return <Loading className="flex-1" />;
}
