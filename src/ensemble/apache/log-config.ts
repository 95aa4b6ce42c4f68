/**
 * Where the log of a ZooKeeper server goes: to stdout, which is led into a file, one line an entry, with a time that can be
 * read back. Releases log through slf4j into one of three libraries; each reads its own configuration and no other.
 */
const TIME = "yyyy-MM-dd'T'HH:mm:ss.SSSZ"

/** Of 3.8 and later. */
export const LOGBACK = {
  file: 'logback.xml',
  text: `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date{${TIME}} %-5level [%thread:%logger{0}] %message%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="out"/></root>
</configuration>
`,
} as const

/** Of 3.5 to 3.7, and of reload4j, which took its place. */
export const LOG4J = {
  file: 'log4j.properties',
  text: `log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{${TIME}} %-5p [%t:%c{1}] %m%n
`,
} as const

/** Of Debian's class path; it takes no file but properties of the JVM. */
export const SIMPLE_LOGGER: Readonly<Record<string, string>> = {
  'org.slf4j.simpleLogger.logFile': 'System.out',
  'org.slf4j.simpleLogger.showDateTime': 'true',
  'org.slf4j.simpleLogger.dateTimeFormat': TIME,
  'org.slf4j.simpleLogger.showShortLogName': 'true',
}
