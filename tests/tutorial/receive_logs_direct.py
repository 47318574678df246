"""Prints the lines of the severities that are asked for.  Usage: receive_logs_direct.py SEVERITY..."""
import os
import sys

import pika


def receive(_channel, method, _properties, body):
    print(f"Received {method.routing_key}:{body.decode()}", flush=True)


channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.exchange_declare(exchange="direct_logs", exchange_type="direct")
queue = channel.queue_declare(queue="", exclusive=True).method.queue
for severity in sys.argv[1:]:
    channel.queue_bind(exchange="direct_logs", queue=queue, routing_key=severity)
channel.basic_consume(queue=queue, on_message_callback=receive, auto_ack=True)
print("Waiting for logs", flush=True)
channel.start_consuming()
