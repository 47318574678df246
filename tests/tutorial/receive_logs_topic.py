"""Prints the lines whose key fits one of the patterns.  Usage: receive_logs_topic.py PATTERN..."""
import os
import sys

import pika


def receive(_channel, method, _properties, body):
    print(f"Received {method.routing_key}:{body.decode()}", flush=True)


channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.exchange_declare(exchange="topic_logs", exchange_type="topic")
queue = channel.queue_declare(queue="", exclusive=True).method.queue
for pattern in sys.argv[1:]:
    channel.queue_bind(exchange="topic_logs", queue=queue, routing_key=pattern)
channel.basic_consume(queue=queue, on_message_callback=receive, auto_ack=True)
print("Waiting for logs", flush=True)
channel.start_consuming()
