import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.apache.kafka.common.utils.Utils;

/** Says how Kafka's own client reads what it is given: one question a line, one answer a line. */
public class Oracle {
    public static void main(String[] arguments) throws Exception {
        var questions = new BufferedReader(new InputStreamReader(System.in));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            String[] words = line.split(" ", 2);
            byte[] asked = HexFormat.of().parseHex(words.length > 1 ? words[1] : "");
            System.out.println(words[0].equals("certificates") ? certificates(asked) : properties(asked));
        }
    }

    /** The properties of a file, as a client's constructor gets and parses them. */
    private static String properties(byte[] content) throws Exception {
        Path file = Files.createTempFile("oracle", ".properties");
        Properties read;
        try {
            Files.write(file, content);
            read = Utils.loadProps(file.toString());
        } catch (IllegalArgumentException refused) {
            return "refused";
        } finally {
            Files.delete(file);
        }
        var answer = new StringBuilder("properties");
        for (var each : new TreeMap<>(Utils.propsToStringMap(read)).entrySet()) {
            var word = ConfigDef.parseType(each.getKey(), each.getValue(), ConfigDef.Type.STRING);
            var secret = ConfigDef.parseType(each.getKey(), each.getValue(), ConfigDef.Type.PASSWORD);
            if (!word.equals(((Password) secret).value())) {
                throw new IllegalStateException("a password is parsed otherwise");
            }
            answer.append(' ').append(hex(each.getKey())).append(':').append(hex((String) word));
        }
        return answer.toString();
    }

    /** How many certificates a client trusts that are given as `ssl.truststore.certificates`. */
    private static String certificates(byte[] text) throws Exception {
        Map<String, Object> configs = new HashMap<>();
        configs.put("ssl.cipher.suites", List.of());
        configs.put("ssl.enabled.protocols", List.of());
        var pem = new String(text, StandardCharsets.UTF_8);
        configs.put("ssl.protocol", "TLSv1.3");
        configs.put("ssl.truststore.type", "PEM");
        configs.put("ssl.truststore.certificates", new Password(pem));
        try (var factory = new DefaultSslEngineFactory()) {
            factory.configure(configs);
            return "certificates " + factory.truststore().size();
        } catch (KafkaException refused) {
            return "refused";
        }
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_16BE));
    }
}
