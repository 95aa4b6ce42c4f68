package org.apache.zookeeper.metrics.prometheus;

import java.util.Properties;
import org.apache.zookeeper.metrics.impl.DefaultMetricsProvider;

/**
 * Stands in for the provider of Apache's binary release, which Debian's package lacks: takes what it is given and counts as the
 * default one does, so that the rest of a file can be tried.
 */
public class PrometheusMetricsProvider extends DefaultMetricsProvider {
  @Override
  public void configure(Properties configuration) {
    Integer.parseInt(configuration.getProperty("httpPort", "7000"));
  }
}
