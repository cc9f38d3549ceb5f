#!/bin/sh
# Start Kafka once in the tree and let the JVM write down the classes it loaded (AppCDS).
# Run by Tree.run with the tree mounted at $1; the network is one without any way out.
tree=$1
ip link set lo up
mount -t proc proc "$tree/proc"
install -d "$tree/tmp/archive"
cat >"$tree/tmp/archive/server.properties" <<END
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:9093
log.dirs=/tmp/archive/data
END
# Without the line that uses the archive, which is not there yet.
grep -v SharedArchiveFile "$tree/opt/kafka/java.args" >"$tree/tmp/archive/java.args"
java() { chroot "$tree" java @/tmp/archive/java.args -Xmx256m "$@"; }
java kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA -c /tmp/archive/server.properties
chroot "$tree" java @/tmp/archive/java.args -Xmx256m \
    -XX:ArchiveClassesAtExit=/opt/kafka/kafka.jsa \
    kafka.Kafka /tmp/archive/server.properties >"$tree/tmp/archive/log" 2>&1 &
kafka=$!
left=60
until grep -q "Kafka Server started" "$tree/tmp/archive/log"; do
    if [ "$left" = 0 ] || ! kill -0 "$kafka"; then
        tail "$tree/tmp/archive/log"
        exit 1
    fi
    left=$((left - 1))
    sleep 1
done
kill "$kafka"
wait "$kafka" || test $? = 143
test -s "$tree/opt/kafka/kafka.jsa"
rm -r "$tree/tmp/archive"
umount "$tree/proc"
