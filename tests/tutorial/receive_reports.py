"""Prints the reports whose headers fit.  Usage: receive_reports.py all|any NAME=VALUE..."""
import os
import sys

import pika


def receive(_channel, _method, _properties, body):
    print(f"Received {body.decode()}", flush=True)


match = dict(pair.split("=", 1) for pair in sys.argv[2:])
match["x-match"] = sys.argv[1]

channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.exchange_declare(exchange="reports", exchange_type="headers", durable=True)
queue = channel.queue_declare(queue="", exclusive=True).method.queue
channel.queue_bind(exchange="reports", queue=queue, routing_key="", arguments=match)
channel.basic_consume(queue=queue, on_message_callback=receive, auto_ack=True)
print("Waiting for reports", flush=True)
channel.start_consuming()
