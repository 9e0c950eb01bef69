import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * Connect socket|url|client|nio TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless that
 * is 0, and prints a line of JSON about it.
 */
public class Connect {
  public static void main(String[] arguments) throws Exception {
    for (int i = 1; i < arguments.length; i += 2) {
      int limitMs = Integer.parseInt(arguments[i + 1]);
      long started = System.nanoTime();
      String outcome;
      try {
        outcome = connect(arguments[0], limitMs, URI.create("http://" + arguments[i] + "/"));
      } catch (Exception error) {
        String message = error.getMessage();
        outcome = error.getClass().getSimpleName() + (message == null ? "" : ": " + message);
      }
      long ms = (System.nanoTime() - started) / 1_000_000;
      System.out.printf("{\"target\":\"%s\",\"outcome\":\"%s\",\"ms\":%d}%n", arguments[i], outcome, ms);
    }
  }

  private static String connect(String how, int limitMs, URI target) throws Exception {
    switch (how) {
      case "socket" -> {
        try (Socket socket = new Socket()) {
          socket.connect(addressOf(target), limitMs);
        }
      }
      case "url" -> {
        HttpURLConnection connection = (HttpURLConnection) target.toURL().openConnection();
        connection.setConnectTimeout(limitMs);
        try (InputStream body = connection.getInputStream()) {
          body.readAllBytes();
        }
      }
      case "client" -> {
        HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        if (limitMs > 0) client.connectTimeout(Duration.ofMillis(limitMs));
        client.build().send(HttpRequest.newBuilder(target).build(), HttpResponse.BodyHandlers.ofString());
      }
      case "nio" -> {
        return select(limitMs, target);
      }
      default -> throw new IllegalArgumentException(how);
    }
    return "connected";
  }

  private static String select(int limitMs, URI target) throws Exception {
    try (SocketChannel channel = SocketChannel.open(); Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      if (channel.connect(addressOf(target))) return "connected";
      channel.register(selector, SelectionKey.OP_CONNECT);
      if (selector.select(limitMs) == 0) return "select 0";
      return channel.finishConnect() ? "connected" : "selected, but not connected";
    }
  }

  private static InetSocketAddress addressOf(URI target) {
    return new InetSocketAddress(target.getHost().replaceAll("^\\[|\\]$", ""), target.getPort());
  }
}
