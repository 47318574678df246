"""Publishes one line of a severity.  Usage: emit_log_direct.py [SEVERITY [TEXT]]"""
import os
import sys

import pika

severity = sys.argv[1] if len(sys.argv) > 1 else "info"
text = " ".join(sys.argv[2:]) or "Hello World!"

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.exchange_declare(exchange="direct_logs", exchange_type="direct")
channel.basic_publish(exchange="direct_logs", routing_key=severity, body=text.encode())
print(f"Sent {severity}:{text}")
connection.close()
