#!/bin/sh
# Puts what Jonathan's Memory knows into a client's conversation: the context of POST /api/v1/context, in the form that the
# client's hooks expect on standard output. See docs/hooks.md.
#
#   memory-context.sh claude-code|codex|cursor|text
#
# JM_URL      the server, such as https://memory.example.com or http://127.0.0.1:8765
# JM_API_KEY  an API key (jmk_…) with memory:read
# JM_TOKENS   size of the context in tokens; 1000 when absent
#
# It must never keep a person from working: whatever goes wrong, it ends with 0 and prints nothing, after two seconds at most.

LC_ALL=C
export LC_ALL
[ -n "$JM_URL" ] && [ -n "$JM_API_KEY" ] || exit 0
case ${JM_TOKENS:=1000} in *[!0-9]*) JM_TOKENS=1000 ;; esac

# Clients write what happened as one JSON object. A terminal has nothing to say.
input=
[ -t 0 ] || input=$(cat)

# The JSON string behind the first key $1 of the input, with its quotes, as it was written.
field() {
  printf '%s' "$input" | awk -v key="\"$1\"" '
    { text = text $0 "\n" }
    END {
      at = index(text, key)
      if (!at) exit
      rest = substr(text, at + length(key))
      if (!match(rest, /^[ \t\r\n]*:[ \t\r\n]*"/)) exit
      rest = substr(rest, RLENGTH + 1)
      n = 0
      for (;;) {
        if (!match(rest, /["\\]/)) exit
        n += RSTART
        if (substr(rest, RSTART, 1) == "\"") break
        n += 1
        rest = substr(rest, RSTART + 2)
      }
      whole = substr(text, at + length(key))
      match(whole, /^[ \t\r\n]*:[ \t\r\n]*"/)
      printf "%s", "\"" substr(whole, RLENGTH + 1, n)
    }'
}

event=$(field hook_event_name)
query=$(field prompt)
body="{\"tokens\": $JM_TOKENS"
[ -n "$query" ] && body="$body, \"query\": $query"
body="$body}"

# Key and question go through a pipe: arguments of a program can be read by others on the machine.
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }
text=$({
  printf 'url = "%s/api/v1/context"\n' "$(quoted "${JM_URL%/}")"
  printf 'header = "Authorization: Bearer %s"\n' "$(quoted "$JM_API_KEY")"
  printf 'header = "Content-Type: application/json"\nheader = "Accept: text/plain"\n'
  printf 'data = "%s"\n' "$(quoted "$body")"
} | curl --silent --fail --max-time 2 --config - 2>/dev/null) || exit 0
[ -n "$text" ] || exit 0

# The text as a JSON string; it has no control characters but its line ends.
json() {
  printf '%s\n' "$text" | tr -d '\000-\011\013-\037' | sed 's/[\\"]/\\&/g' |
    awk 'BEGIN { printf "\"" } { printf "%s%s", (NR > 1 ? "\\n" : ""), $0 } END { printf "\"" }'
}

case $1 in
  claude-code | codex)
    case $event in
      '"SessionStart"' | '"UserPromptSubmit"') ;;
      *) event='"SessionStart"' ;;
    esac
    printf '{"hookSpecificOutput": {"hookEventName": %s, "additionalContext": %s}}\n' "$event" "$(json)"
    ;;
  cursor) printf '{"additional_context": %s}\n' "$(json)" ;;
  *) printf '%s\n' "$text" ;;
esac
exit 0
