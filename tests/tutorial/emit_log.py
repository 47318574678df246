"""Publishes one line to everybody who listens.  Usage: emit_log.py [TEXT]"""
import os
import sys

import pika

text = " ".join(sys.argv[1:]) or "info: Hello World!"

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
channel.basic_publish(exchange="logs", routing_key="", body=text.encode())
print(f"Sent {text}")
connection.close()
