#!/bin/sh
# Runs a class of Kafka: kafka-run-class.sh CLASS [ARGUMENT...]. KAFKA_HEAP_OPTS as in Kafka's own script.
exec java ${KAFKA_HEAP_OPTS:--Xmx384m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.apache.logging.log4j.level=INFO \
    -cp '/opt/kafka/libs/*' "$@"
