"""Works on tasks, one at a time; a dot is a second of work."""
import os
import time

import pika


def work(channel, method, _properties, body):
    print(f"Received {body.decode()}", flush=True)
    time.sleep(body.count(b"."))
    print(f"Done {body.decode()}", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.queue_declare(queue="task_queue", durable=True)
channel.basic_qos(prefetch_count=1)
channel.basic_consume(queue="task_queue", on_message_callback=work)
print("Waiting for tasks", flush=True)
channel.start_consuming()
