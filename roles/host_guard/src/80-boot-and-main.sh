# --- the boot unit -----------------------------------------------------------------------------

# Type=simple: no target waits for it, so that whatever it starts may wait for any target. It has no
# dependencies but on the disk, so that nothing that fails or hangs keeps it from starting; and no
# condition on a file, for that would be systemd's own process looking at a disk that may not answer.
boot_unit_text() {
  cat <<UNIT
[Unit]
Description=Take back chaos-runner faults that outlived a restart
After=local-fs.target

[Service]
Type=simple
ExecStart=/bin/sh $INSTALLED boot
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
UNIT
}

put_in_place() { # SOURCE TARGET MODE: replace a file at once, or not at all
  if ! { cp "$1" "$2.new" && chmod "$3" "$2.new" && mv "$2.new" "$2"; }; then
    rm -f "$2.new"
    fail "$2 cannot be written" "is the disk full or read-only?"
  fi
}

is_boot_enabled() { has_systemd && systemctl is-enabled -q chaos-guard-boot.service; }
is_installed() { # FILE
  cmp -s "$1" "$INSTALLED" || return
  ! has_systemd || { cmp -s "$WORK/boot.service" "$BOOT_UNIT" && is_boot_enabled; }
}

enable_boot_unit() {
  put_in_place "$WORK/boot.service" "$BOOT_UNIT" 644
  systemctl daemon-reload
  systemctl enable -q chaos-guard-boot.service ||
    fail "the boot unit could not be enabled" "systemctl status chaos-guard-boot"
}

verb_install() { # [--check]: put this very file and the boot unit in place
  [ -f "$0" ] || refuse "the guard can only install itself from a file" "run it as a script"
  need_root
  make_work_directory
  boot_unit_text >"$WORK/boot.service" || fail "$WORK cannot be written" "is /run full or read-only?"
  changed=false
  is_installed "$0" || changed=true
  if [ "$changed ${1:-}" = "true " ]; then
    put_in_place "$0" "$INSTALLED" 755
    ! has_systemd || enable_boot_unit
  fi
  put_raw changed $changed
  answer true
}

# In one piece, so that a shell that has read it needs this file no more.
{
  [ $# -gt 0 ] && shift
  case $verb in
    preflight) verb_preflight "$@" ;;
    identify) put_identity && answer true ;;
    arm | inject) verb_inject "$@" ;;
    apply) verb_apply "$@" ;;
    check) verb_check "$@" ;;
    renew) verb_renew "$@" ;;
    revert) verb_revert "$@" ;;
    accept) verb_accept "$@" ;;
    resume) verb_resume ;;
    forget) verb_forget "$@" ;;
    status) verb_status ;;
    audit) verb_audit ;;
    fingerprint) verb_fingerprint ;;
    install) verb_install "$@" ;;
    watch) verb_watch "$@" ;;
    cap) verb_cap "$@" ;;
    expire) verb_expire "$@" ;;
    boot) verb_boot ;;
    *) refuse "unknown verb '$verb'" "preflight identify inject arm apply check renew revert accept resume forget status audit fingerprint install" ;;
  esac
  exit
}
