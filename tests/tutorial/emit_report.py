"""Publishes a report that is described by its headers.  Usage: emit_report.py TEXT [NAME=VALUE...]"""
import os
import sys

import pika

text = sys.argv[1]
headers = dict(pair.split("=", 1) for pair in sys.argv[2:])

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.exchange_declare(exchange="reports", exchange_type="headers", durable=True)
channel.basic_publish(
    exchange="reports",
    routing_key="",
    body=text.encode(),
    properties=pika.BasicProperties(headers=headers),
)
print(f"Sent {text} {headers}")
connection.close()
