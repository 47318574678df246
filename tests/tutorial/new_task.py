"""Sends a task that survives a restart of the broker; a dot is a second of work.  Usage: new_task.py [TEXT]"""
import os
import sys

import pika

text = " ".join(sys.argv[1:]) or "A task."

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.queue_declare(queue="task_queue", durable=True)
channel.basic_publish(
    exchange="",
    routing_key="task_queue",
    body=text.encode(),
    properties=pika.BasicProperties(delivery_mode=2),
)
print(f"Sent {text}")
connection.close()
