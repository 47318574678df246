"""Publishes one line of a facility and severity.  Usage: emit_log_topic.py [FACILITY.SEVERITY [TEXT]]"""
import os
import sys

import pika

key = sys.argv[1] if len(sys.argv) > 1 else "anonymous.info"
text = " ".join(sys.argv[2:]) or "Hello World!"

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.exchange_declare(exchange="topic_logs", exchange_type="topic")
channel.basic_publish(exchange="topic_logs", routing_key=key, body=text.encode())
print(f"Sent {key}:{text}")
connection.close()
