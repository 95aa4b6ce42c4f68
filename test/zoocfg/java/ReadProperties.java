import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;

/**
 * Reads texts with java.util.Properties as Apache reads zoo.cfg: on stdin one text a line, in Base64 of its bytes; on
 * stdout one line for each, its keys and values in Base64 of their UTF-16 units (little end first), or "malformed".
 */
public class ReadProperties {
  public static void main(String[] words) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    StringBuilder out = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Properties properties = new Properties();
      try {
        properties.load(new ByteArrayInputStream(Base64.getDecoder().decode(line)));
        for (Map.Entry<Object, Object> entry : properties.entrySet()) {
          out.append(coded(entry.getKey())).append(' ').append(coded(entry.getValue())).append(' ');
        }
      } catch (IllegalArgumentException malformed) {
        out.append("malformed");
      }
      out.append('\n');
    }
    System.out.print(out);
  }

  /** Unit by unit, for a charset would replace half a surrogate pair. */
  private static String coded(Object text) {
    String units = (String) text;
    byte[] bytes = new byte[2 * units.length()];
    for (int index = 0; index < units.length(); index++) {
      bytes[2 * index] = (byte) units.charAt(index);
      bytes[2 * index + 1] = (byte) (units.charAt(index) >> 8);
    }
    return "=" + Base64.getEncoder().encodeToString(bytes);
  }
}
