# --- answers -----------------------------------------------------------------------------------

as_json() { # ONE | LINES, from stdin: a JSON string, or one for each line; bounded in size
  awk -v form="$1" -v most=$MOST_LINES '
    function clean(line) {
      if (length(line) > 1000) { line = substr(line, 1, 1000) "..."; gsub(/[^ -~]/, "?", line) }
      gsub(/ *\t+/, " ", line)
      gsub(/[\001-\037\177]/, "?", line)
      gsub(/["\\]/, "\\\\&", line)
      return line
    }
    BEGIN { if (form == "ONE") printf "\"" }
    NR > most { more++; next }
    NR > 1 { printf form == "ONE" ? "\\n" : "," }
    { printf form == "ONE" ? "%s" : "\"%s\"", clean($0) }
    END {
      if (more && form == "ONE") printf "\\n... and %d more lines", more
      if (more && form != "ONE") printf ",\"... and %d more\"", more
      if (form == "ONE") printf "\""
    }'
}

# quote TEXT [SEPARATOR ONE | LINES]: set quoted to it as a JSON string, with \n or another separator
# between its lines; what is short and harmless needs no process
quote() {
  quoted=''
  case $1 in
    *[!-A-Za-z0-9\ .,:\;/@_=+~%#*!\?\|\(\)\<\>\[\]\{\}"$NEWLINE"]*) ;;
    *)
      unquoted=${1%"$NEWLINE"}
      while [ ${#quoted} -lt 4000 ]; do
        case $unquoted in
          *"$NEWLINE"*) quoted="$quoted${unquoted%%"$NEWLINE"*}${2-\\n}" unquoted=${unquoted#*"$NEWLINE"} ;;
          *) quoted="\"$quoted$unquoted\"" && return ;;
        esac
      done
      ;;
  esac
  quoted=$(printf '%s' "$1" | as_json "${3-ONE}")
  # With no tool to quote it with.
  quoted=${quoted:-\"?\"}
}

quote_lines() { # TEXT: set quoted to its lines as a JSON array
  quoted=''
  [ -z "$1" ] || quote "$1" '","' LINES
  quoted="[$quoted]"
}

fields=''
# Both take a key, and a text or JSON.
put() { quote "$2" && fields="$fields,\"$1\":$quoted"; }
put_raw() { fields="$fields,\"$1\":$2"; }
put_whether() { # KEY COMMAND...: put true or false
  field=$1
  shift
  if "$@" >/dev/null 2>&1; then put_raw "$field" true; else put_raw "$field" false; fi
}
put_lines() { quote_lines "$2" && put_raw "$1" "$quoted"; } # KEY TEXT
answer() { # OK: on a line of its own, whatever was printed before it
  look_at_clock
  printf '\n{"guard":"%s"%s,"verb":"%s","ok":%s,"now":%s%s}\n' "$VERSION" \
    "${token:+,\"token\":\"$token\"}" "$verb" "$1" "$now" "$fields"
}

fail() { # WHAT HINT: answer that it did not work, and end
  fields=''
  put error "$1"
  put hint "${2:-}"
  answer false
  exit 1
}

refuse() { # WHAT HINT: answer that it is not going to be done, and end; nothing was touched
  fields=''
  put error "$1"
  put hint "${2:-}"
  put_raw refused true
  answer false
  exit 3
}

busy() { # WHAT: answer that somebody else is at work here, and end
  fields=''
  put error "$1"
  put hint "ask again"
  put_raw busy true
  answer false
  exit 4
}

