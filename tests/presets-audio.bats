# The preset audio with real sound servers: what is played through it is heard, what it records is
# what was played, and nothing else is in reach.

load helper
load enforce

setup() {
	enforce_setup
	unset PULSE_SERVER PULSE_RUNTIME_PATH PIPEWIRE_REMOTE DISPLAY
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
	"$PYTHON" -c '
import math, struct, wave
with wave.open("tone.wav", "wb") as tone:
    tone.setparams((1, 2, 44100, 0, "NONE", ""))
    tone.writeframes(b"".join(struct.pack("<h", int(20000 * math.sin(i / 16)))
                              for i in range(2 * 44100)))'
}

teardown() {
	sbx_teardown
}

# until_true COMMAND...: waits for it, 30 s at most.
until_true() {
	local tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || {
			echo "never true: $*"
			cat "$BATS_TEST_TMPDIR"/*.log
			return 1
		}
		sleep 0.1
	done
}

# A daemon serves for 100 s at most.
daemon() {
	timeout 100 "$@" >"$BATS_TEST_TMPDIR/$1.log" 2>&1 3>&- &
	listeners+=("$!")
}

start_pulseaudio() {
	daemon pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no \
		--log-target=stderr -L 'module-null-sink sink_name=null' -L module-native-protocol-unix
	until_true pactl info
}

start_pipewire() {
	daemon dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS"
	until_true test -S "$XDG_RUNTIME_DIR/bus"
	daemon pipewire
	until_true test -S "$XDG_RUNTIME_DIR/pipewire-0"
	daemon wireplumber
	daemon pipewire-pulse
	until_true pactl info
	until_true pactl load-module module-null-sink sink_name=null
	until_true sh -c 'pactl list short sinks | grep -w null'
}

# loud FILE: whether there is something to be heard in the samples.
loud() {
	"$PYTHON" -c '
import array, sys
data = open(sys.argv[1], "rb").read()
samples = array.array("h", data[:len(data) // 2 * 2])
sys.exit(sum(abs(sample) > 1000 for sample in samples) < 4410)' "$1"
}

has_data() {
	[ "$(wc -c <"$1")" -gt 20000 ]
}

# heard COMMAND...: while it plays, a recorder inside a sandbox hears it; before, it heard nothing.
heard() {
	local recorder
	timeout 60 sbx -qp audio parecord -d null.monitor --raw --latency-msec=50 \
		>record.raw 2>"$BATS_TEST_TMPDIR/record.log" 3>&- &
	recorder=$!
	listeners+=("$recorder")
	until_true has_data record.raw
	run ! loud record.raw
	control timeout 30 "$@"
	until_true loud record.raw
	kill "$recorder"
	wait "$recorder" || :
}

# What is no sound: other sockets of the same directory, the network, files.
only_sound() {
	local attempt
	listen
	mv "$STREAM" "$XDG_RUNTIME_DIR/other"
	echo secret >"$OUTSIDE/file"
	while read -ra attempt; do
		denied audio "${attempt[@]}"
	done <<-END
		sockets stream $XDG_RUNTIME_DIR/other
		sockets dgram $DGRAM
		sockets stream $ASTREAM
		sockets tcp4 $TCP4
		sockets udp4 $UDP4
		cat $OUTSIDE/file
		probe append $OUTSIDE/file
		probe append tone.wav
		ls $HOME
	END
	contacts 5
}

@test "audio: PulseAudio plays and records" {
	start_pulseaudio
	heard sbx -qp audio paplay tone.wav
	only_sound
}

@test "audio: PulseAudio is not reached without the preset" {
	start_pulseaudio
	control pactl info
	refused sbx -qp no-network pactl info
	refused sbx -q --allow-file-read=/ --allow-process-exec="$(command -v pactl)" pactl info
	control sbx -qp audio pactl info
	refused sbx -qp audio,no-network pactl info
}

@test "audio: PipeWire plays and records, through its own socket and through PulseAudio's" {
	start_pipewire
	heard sbx -qp audio paplay --device=null tone.wav
	heard sbx -qp audio pw-play --target null tone.wav
	control sbx -qp audio pw-cli info 0
	[[ $output == *PipeWire:Interface:Core* ]]
	# The bus is another socket in the same directory.
	denied audio dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.ListNames
	only_sound
}

@test "audio: ALSA plays where a device is" {
	[ -e /dev/snd/controlC0 ] && [ -w /dev/snd/controlC0 ] && aplay -q tone.wav || return 0
	control sbx -qp audio aplay -q tone.wav
}

@test "audio: with a base, the servers' variables are kept" {
	start_pulseaudio
	export PULSE_SERVER=unix:$XDG_RUNTIME_DIR/pulse/native PULSE_SINK=null A_TOKEN=a
	run -0 sbx -qp python-eval,audio env
	grep -qx "PULSE_SERVER=$PULSE_SERVER" <<<"$output"
	run ! grep A_TOKEN <<<"$output"
	control sbx -qp python-eval,audio paplay tone.wav
}
