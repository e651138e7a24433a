#!/usr/bin/env bash
# Installs the Debian packages that this project runs on and that are missing. Quick when none is.
# With the word `cluster`, also those of `make images`, `make cluster` and `make cluster-test`.
# Without root or apt: names them, says what works without them, and exits with status 3.
set -euo pipefail

program() { command -v "$1" >/dev/null 2>&1; }
library() { ldconfig -p 2>/dev/null | grep -qF "$1" || /sbin/ldconfig -p 2>/dev/null | grep -qF "$1"; }
python() { "$(dirname "$0")/python.sh" >/dev/null 2>&1; }

missing=()
need() { missing+=("$1"); }
program make || need make
python || need python3-venv
library libpython3.11.so.1.0 || need libpython3.11     # Triton's python backend
program redis-server || need redis-server
[ -x /usr/sbin/mosquitto ] || program mosquitto || need mosquitto  # an MQTT broker, for the conformance tests
program java || need openjdk-17-jre-headless           # Kafka
program mvn || need maven                              # fetches Kafka
program gcc || need gcc                                # the decoder's kernels
[ -e /usr/include/stdlib.h ] || need libc6-dev
library libespeak-ng.so.1 || need libespeak-ng1        # voices of the training data and of the tests
library libflite.so.1 || need libflite1
if [ "${1:-}" = cluster ]; then
    program containerd || need containerd
    program runc || need runc
    [ -x /usr/lib/cni/bridge ] || need containernetworking-plugins
    program iptables || need iptables
    program conntrack || need conntrack
    program openssl || need openssl
    docker info >/dev/null 2>&1 || program buildah || need buildah  # a docker without a daemon builds nothing
    program debootstrap || need debootstrap            # the base image, where no registry answers
fi

if [ ${#missing[@]} -eq 0 ]; then
    echo "system packages: all there"
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
fi
if ! program apt-get || { [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; }; then
    cat >&2 <<END
These packages are missing, and installing them needs apt and root:
    apt-get install --no-install-recommends ${missing[*]}
Without them there is \`duplexsla talk\`, which needs only pip:
    scripts/venv.sh talk
    .venv/bin/duplexsla talk examples/turn_on_the_kitchen_light.wav
END
    exit 3
fi

echo "system packages: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 "$@"; }
apt update
apt install -y --no-install-recommends "${missing[@]}" >/dev/null
echo "system packages: installed in $SECONDS s"
