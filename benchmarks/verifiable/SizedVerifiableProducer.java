import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.server.util.ThroughputThrottler;
import org.apache.kafka.tools.VerifiableProducer;

/**
 * Kafka's VerifiableProducer with records of a chosen size, which it has no option for.
 *
 * The bytes are added by the serializer: what it prints about each record stays as short as it is.
 */
public final class SizedVerifiableProducer {
    public static void main(String[] args) {
        String servers = args[0];
        String topic = args[1];
        int rate = Integer.parseInt(args[2]);
        int size = Integer.parseInt(args[3]);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", servers);
        properties.put("acks", "all");
        properties.put("linger.ms", args[4]);
        StringSerializer plain = new StringSerializer() {
            @Override
            public byte[] serialize(String name, String value) {
                return value == null ? null : Arrays.copyOf(super.serialize(name, value), size);
            }
        };
        KafkaProducer<String, String> client =
            new KafkaProducer<>(properties, new StringSerializer(), plain);
        VerifiableProducer producer = new VerifiableProducer(client, topic, rate, -1, null, null, null);
        Runtime.getRuntime().addShutdownHook(new Thread(producer::close));
        producer.run(new ThroughputThrottler(rate, System.currentTimeMillis()));
    }
}
