import java.nio.ByteBuffer;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.tools.VerifiableConsumer;

/**
 * Kafka's VerifiableConsumer for records of SizedVerifiableProducer.
 *
 * The bytes that were added are dropped by the deserializer: what it prints about each record,
 * if it is to name each, stays as short as it is.
 */
public final class SizedVerifiableConsumer {
    public static void main(String[] args) {
        String servers = args[0];
        String topic = args[1];
        boolean nameEach = Boolean.parseBoolean(args[2]);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", servers);
        properties.put("group.id", topic);
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        StringDeserializer plain = new StringDeserializer() {
            @Override
            public String deserialize(String name, Headers headers, ByteBuffer value) {
                int length = 0;
                while (length < value.remaining() && value.get(value.position() + length) != 0) {
                    length++;
                }
                byte[] counter = new byte[length];
                value.get(counter);
                return new String(counter);
            }
        };
        KafkaConsumer<String, String> client =
            new KafkaConsumer<>(properties, new StringDeserializer(), plain);
        VerifiableConsumer consumer =
            new VerifiableConsumer(client, System.out, topic, -1, false, false, nameEach);
        Runtime.getRuntime().addShutdownHook(new Thread(consumer::close));
        consumer.run();
    }
}
