"""Sends one message to the queue "hello".  Usage: send.py [TEXT]"""
import os
import sys

import pika

text = " ".join(sys.argv[1:]) or "Hello World!"

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.queue_declare(queue="hello")
channel.basic_publish(exchange="", routing_key="hello", body=text.encode())
print(f"Sent {text}")
connection.close()
