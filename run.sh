#!/usr/bin/env bash
# Sluice's one command: sets up what is missing, then starts the program. `./run.sh help` lists what there is.
set -u

# The only list of commands: printed here, copied to dist/help.txt for the program, and searched for unknown words.
help='usage: ./run.sh COMMAND [options]

  go                 keep what state/state.json names in sync until told to stop
  check              check the state file, the settings and what they point to
  status             each entry: state, cursor, progress, last run, next run
  history [ENTRY]    the last runs: what they did, and what held them up; --limit N
  failed list        the records that nobody could deliver; --service S, --entry E, --reason TEXT, --since 3d
  failed show ID     one of them: why, where and the record itself
  failed retry ID... publish them again and wait for what becomes of them; --all or a filter: all of those
  failed drop ID...  forget them; --all or a filter: all of those
  queues             each queue: waiting, active, failed jobs and workers
  queues peek NAME   look at the jobs of one queue
  consume QUEUE      take the jobs of a queue and store them: --to postgres://..., ndjson:FILE or module:FILE
  set ENTRY F=V...   write fields of an entry: set 1a2d worker_count=8
  reset ENTRY        read everything of an entry again
  pause ENTRY...     start no run of it, also after a restart; resume ENTRY... ends that; --all: every entry
  resume ENTRY...    let what was paused go on
  undo               list what was written into state.json; undo N puts it back as it was before
  demo               go, on a throw-away folder against a simulated service
  simulate SYSTEM    serve a stand-in for an outside system, for trials
  selftest           kill it at every step on this disk and queue, and count what was lost (--kills N)
  version            what this is

  setup              install and compile what is missing, and nothing else
  test [ARGS]        lint, types and tests; ARGS go to vitest: ./run.sh test test/state
  bench [NAME...]    measure it
  build              build the Docker image "sluice"
  help [COMMAND]     this list, or how a command is used; COMMAND --help does the same

options: --state DIR (or SLUICE_STATE) another state folder   --plain lines instead of a screen   --json NDJSON
stop it: touch state/controller.quit'

say() { printf 'sluice: %s\n' "$*" >&2; }

stop() { # stop CODE MESSAGE...
  local code=$1
  shift
  say "$@"
  exit "$code"
}

no_such_command() {
  say "there is no command \"$1\"."
  echo "$help" >&2
  exit 2
}

# ---- help: needs no set-up and does none -------------------------------------------------------------------------------

asks_help() {
  local argument
  for argument in "$@"; do
    case $argument in
      --) return 1 ;;
      -h | --help) return 0 ;;
    esac
  done
  return 1
}

setup_usage='usage: ./run.sh setup

Installs what package-lock.json names and compiles src, where that is missing or old, and nothing else.
Every other command but help does so first.'

build_usage='usage: ./run.sh build

Builds the Docker image "sluice". Without a Docker engine it compiles the program into dist/ instead.'

test_usage='usage: ./run.sh test [ARG...]

Lint, the format check, types and all tests. With ARGs only tests, and ARGs go to vitest.

  PATH      only the test files that have it in their names
  -t NAME   only the tests that have it in their names

Programs that tests use (redis-server, postgresql, tmux) are installed where apt-get can; tests without theirs are skipped.

examples:
  ./run.sh test
  ./run.sh test test/state
  ./run.sh test test/cli/failed -t retry'

# The program knows its own commands. Sources that are not compiled are run as they are; without Node there is the list.
print_usage() { # print_usage COMMAND [ARGUMENT...]
  case $1 in
    setup) echo "$setup_usage" ;;
    build) echo "$build_usage" ;;
    test) echo "$test_usage" ;;
    bench) [ -x "$own_node" ] && exec "$own_node" "$root/test/bench/main.ts" --help ;;
    *)
      local main=$root/src/main.ts node=$own_node
      if (cd "$root" && compiled); then main=$root/dist/main.js; fi
      [ -x "$node" ] || [ -d "$root/src" ] || node=$(command -v node)
      [ -x "$node" ] && exec "$node" "$main" "$@"
      ;;
  esac || {
    printf '%s\n' "$help" | grep "^  $1 "
    say 'nothing is installed yet, so that is all there is to say; ./run.sh setup installs and compiles.'
  }
}

find_root() {
  local self=${BASH_SOURCE[0]} link
  case $self in */*) ;; *) self=./$self ;; esac
  while [ -L "$self" ]; do
    link=$(readlink "$self")
    case $link in /*) self=$link ;; *) self=${self%/*}/$link ;; esac
  done
  cd -P "${self%/*}/" && pwd
}

# ---- set-up: what is not there (src or the lock file, in the image) needs none -----------------------------------------

lock_stamp() { echo "$OSTYPE $HOSTTYPE $(cksum <package-lock.json)"; }

source_stamp() { # by content, so that a checkout or a copy with other times compiles nothing
  find src tsconfig.json package.json package-lock.json run.sh state/*.example.json state/*.schema.json \
    -type f -exec cksum {} + 2>/dev/null | LC_ALL=C sort | cksum
}

same_stamp() { # same_stamp FILE EXPECTED
  local found=''
  { read -r found <"$1"; } 2>/dev/null
  [ "$found" = "$2" ]
}

installed() { [ ! -f package-lock.json ] || { [ -x "$own_node" ] && same_stamp node_modules/.stamp "$(lock_stamp)"; }; }
compiled() { [ ! -d src ] || same_stamp dist/.stamp "$(source_stamp)"; }

require_node() {
  local version major
  command -v node >/dev/null ||
    stop 2 'there is no Node on PATH. Install Node 20 or newer (the right one is then fetched by itself) and try again.'
  version=$(node -p process.versions.node 2>/dev/null)
  major=${version%%.*}
  [ "${major:-0}" -ge 20 ] ||
    stop 2 "the Node on PATH ($(command -v node)) is ${version:-broken}; Sluice needs 20 or newer to install. Update it and try again."
  command -v npm >/dev/null ||
    stop 2 "there is a Node on PATH ($(command -v node)) but no npm. Install npm, which usually comes with Node, and try again."
}

install() {
  require_node
  if [ -d node_modules ]; then say 'installing (package-lock.json is new or changed) ...'; else say 'installing (first start only) ...'; fi
  local stamp log=$scratch/npm.log
  stamp=$(lock_stamp)
  rm -f node_modules/.stamp
  # --include=dev: the compiler and the runtime are dev dependencies, and NODE_ENV=production would leave them out.
  npm ci --include=dev --no-audit --no-fund --loglevel=error >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    stop 1 'npm ci failed: its output is above. Nothing was started; the same command tries again.'
  }
  "$own_node" --version >>"$log" 2>&1 || {
    cat "$log" >&2
    stop 1 "npm ci passed but $own_node does not run: does npm run install scripts here (ignore-scripts), and is there a Node for $OSTYPE $HOSTTYPE?"
  }
  echo "$stamp" >node_modules/.stamp
}

compile() {
  say 'compiling ...'
  local stamp file
  stamp=$(source_stamp)
  rm -rf dist.tmp dist.old.tmp
  "$own_node" node_modules/.bin/tsc --noEmit false --outDir dist.tmp >"$scratch/tsc.log" 2>&1 || {
    cat "$scratch/tsc.log" >&2
    rm -rf dist.tmp
    stop 1 'the sources do not compile: the reasons are above. Nothing was started.'
  }
  for file in state/*.example.json state/*.schema.json; do # an empty state folder is seeded from these (S23)
    if [ -f "$file" ]; then cp "$file" dist.tmp/; fi
  done
  echo "$help" >dist.tmp/help.txt
  echo "$stamp" >dist.tmp/.stamp
  if [ -d dist ]; then mv dist dist.old.tmp; fi
  mv dist.tmp dist || stop 1 "cannot put the compiled program into $root/dist"
  rm -rf dist.old.tmp
}

# Waits for the lock on descriptor 9. The kernel frees it when the holder and its npm are gone, however they died;
# perl's flock is the same call, for systems without flock(1).
lock_set_up() {
  if command -v flock >/dev/null; then
    flock -n 9 || { say 'another command is setting up, waiting for it ...' && flock -w 900 9; }
  elif command -v perl >/dev/null; then
    perl -e 'open my $lock, "<&=9" or die; flock $lock, 2 or die'
  fi
}

set_up() ( # a subshell: the lock, the folder and the traps end with it
  cd "$root" || exit 1
  if installed && compiled; then exit 0; fi
  { : >>.setup.lock; } 2>/dev/null ||
    stop 1 "set-up is needed, and $root cannot be written. Run ./run.sh setup once as its owner."
  exec 9>>.setup.lock
  lock_set_up || stop 1 "another set-up still holds $root/.setup.lock"
  # shellcheck disable=SC2030 # each subshell has its own
  scratch=$(mktemp -d) || exit 1
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  installed || install
  compiled || compile
)

# ---- the program (S20) -----------------------------------------------------------------------------------------------

# Leaves a file whose time is this moment in the state folder: a controller.quit older than it is a leftover (S19).
note_call() {
  local folder=${SLUICE_STATE:-$root/state} previous='' argument
  for argument in "$@"; do
    case $argument in --state=*) folder=${argument#--state=} ;; esac
    if [ "$previous" = --state ]; then folder=$argument; fi
    previous=$argument
  done
  # Where this fails (there is no such folder yet) the program takes its own start.
  if { : >"$folder/.called"; } 2>/dev/null; then export SLUICE_CALLED=$folder/.called; fi
}

wants_screen() {
  local argument
  [ -t 1 ] || return 1
  for argument in "$@"; do
    case $argument in --plain | --json) return 1 ;; esac
  done
}

# A node that was killed outright leaves the terminal raw and on the other screen. ESC 7 first: where there is no other
# screen to leave, ?1049l still jumps to the saved position.
restore_terminal() {
  case $(ps -o stat= -p $$ 2>/dev/null) in *+* | '') ;; *) return ;; esac # in the background it is not ours to touch
  if [ -n "$1" ]; then stty "$1" 2>/dev/null; fi
  printf '\033[?2026l\033[<u\0337\033[?1049l\033[?25h\033[?2004l\033[0m' 2>/dev/null
}

stay_parent() {
  local settings signal code=127 found
  settings=$(stty -g 2>/dev/null)
  trap 'signal=INT' INT QUIT # the terminal sends these to node as well; here they only interrupt the wait
  trap 'signal=TERM; kill -TERM $! 2>/dev/null' TERM
  trap 'signal=HUP; kill -HUP $! 2>/dev/null' HUP
  "$@" <&0 & # named, because a background job would otherwise read /dev/null
  while :; do
    signal=''
    wait $!
    found=$?
    if [ "$found" -ne 127 ]; then code=$found; fi # 127: already told, by the wait that a signal interrupted
    if [ -z "$signal" ]; then break; fi
  done
  if [ "$code" -gt 128 ]; then restore_terminal "$settings"; fi
  exit "$code"
}

program() {
  local node=$own_node
  unset SLUICE_CALLED
  if [ "$1" = go ]; then note_call "$@"; fi
  set_up || exit
  [ -x "$node" ] || node=$(command -v node) || stop 2 'there is no Node on PATH, and none is installed here.'
  export NODE_ENV=production
  export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compiled}" # saves a third of the start
  if [ -n "${NO_COLOR:-}" ]; then export FORCE_COLOR=0; fi # the screen's libraries know only the latter
  if wants_screen "$@"; then stay_parent "$node" "$root/dist/main.js" "$@"; fi
  exec "$node" "$root/dist/main.js" "$@"
}

# ---- workshop --------------------------------------------------------------------------------------------------------

build() {
  set_up || exit
  if ! docker info >/dev/null 2>&1; then
    say 'no Docker engine answers here, so there is no image; the program is built locally, in dist/.'
    exit 0
  fi
  exec docker build -t sluice "$root"
}

present() {
  case $1 in
    postgresql) command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' ;; # Debian's is on nobody's PATH
    *) command -v "$1" ;;
  esac >/dev/null
}

# Installs a program that tests use, where that is possible; those tests are skipped, and counted, where it is not.
provide() {
  if present "$1"; then return; fi
  # shellcheck disable=SC2031
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing $1 for the tests (apt-get) ..."
    {
      apt-get -o DPkg::Lock::Timeout=120 update
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$1"
    } >"$scratch/apt.log" 2>&1 </dev/null || tail -n 5 "$scratch/apt.log" >&2
  fi
  present "$1" || say "there is no $1 on PATH: the tests that need it are skipped."
}

check() { # check WHAT COMMAND...: counts a failure and goes on
  local what=$1
  shift
  if "$own_node" "$@"; then return; fi
  say "$what failed"
  checks_failed=$((checks_failed + 1))
}

run_tests() {
  local passed=0 failed=0 skipped=0 checks_failed=0 required='' variable
  scratch=$(mktemp -d) || exit 1
  trap 'rm -rf "$scratch"' EXIT
  if set_up && cd "$root"; then
    provide redis-server
    provide postgresql
    provide tmux
    # A person's own services and keys are not for tests.
    for variable in "${!SLUICE_@}" "${!MAILCHIMP_@}" "${!OMETRIA_@}" "${!REDIS_@}" "${!SIS_@}" "${!CONSUME_@}" PROXY_TOKEN API_KEY KEY_PATH CERT_PATH ROOT_ORG_ID QUEUE_URL NODE_ENV; do unset "$variable"; done
    if [ $# -eq 0 ]; then
      check 'lint' node_modules/.bin/oxlint
      check 'the format check (npx oxfmt mends it)' node_modules/.bin/oxfmt --check
      check 'the type check of src' node_modules/.bin/tsc --noEmit
      check 'the type check of test' node_modules/.bin/tsc -p test/tsconfig.json
    fi
    case ${CI:-} in '' | false) ;; *) command -v redis-server >/dev/null || required=redis-server ;; esac
    SLUICE_TEST_TOTALS=$scratch/totals SLUICE_TEST_REQUIRED=$required \
      "$own_node" node_modules/.bin/vitest run --config test/vitest.config.ts "$@"
    local code=$?
    { read -r passed failed skipped <"$scratch/totals"; } 2>/dev/null
    if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
      say "vitest ended with code $code"
      failed=1
    fi
  else
    failed=1
  fi
  failed=$((failed + checks_failed))
  if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
    say 'no test was run'
    failed=1
  fi
  printf '%d passed, %d failed' "$passed" "$failed"
  if [ "$skipped" -gt 0 ]; then printf ', %d skipped' "$skipped"; fi
  echo
  [ "$failed" -eq 0 ]
}

# ----------------------------------------------------------------------------------------------------------------------

root=$(find_root) || exit
own_node=$root/node_modules/.bin/node

[ $# -gt 0 ] || set -- help
case $1 in
  help | -h | --help)
    shift
    if [ $# -eq 0 ] || [ "$1" = help ] || asks_help "$1"; then
      echo "$help"
      exit
    fi
    set -- "$@" --help
    ;;
  --version) set -- version ;;
esac
case $1 in *[!a-z]*) no_such_command "$1" ;; esac
case $help in
  *"
  $1 "*) ;;
  *) no_such_command "$1" ;;
esac
if asks_help "$@"; then
  print_usage "$@"
  exit
fi

case $1 in
  setup) set_up ;;
  build) build ;;
  bench)
    shift
    set_up || exit
    exec "$own_node" "$root/test/bench/main.ts" "$@"
    ;;
  test)
    shift
    run_tests "$@"
    ;;
  *) program "$@" ;;
esac
