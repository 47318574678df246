"""Takes pika through declare, publish, get, consume, confirm, return and close; prints a line for each."""
import os
import sys

import pika

queue = sys.argv[1]
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()

declared = channel.queue_declare(queue, durable=True, arguments={"x-max-length": 100})
print("declared", declared.method.message_count, declared.method.consumer_count)

channel.exchange_declare(queue, exchange_type="topic")
channel.queue_bind(queue, queue, "orders.*")
properties = pika.BasicProperties(headers={"count": 1, "list": ["a", None, True]}, delivery_mode=2, priority=3)
channel.basic_publish(queue, "orders.new", b"hello", properties)
method, properties, body = channel.basic_get(queue)
print("got", body.decode(), properties.headers, properties.delivery_mode, properties.priority, method.redelivered)
channel.basic_nack(method.delivery_tag, requeue=True)
method, _, _ = channel.basic_get(queue, auto_ack=True)
print("redelivered", method.redelivered)
print("empty", channel.basic_get(queue))

channel.confirm_delivery()
for number in range(3):
    channel.basic_publish("", queue, str(number).encode())
print("confirmed")
try:
    channel.basic_publish("", queue + ".nobody", b"lost", mandatory=True)
except pika.exceptions.UnroutableError as error:
    returned = error.messages[0]
    print("returned", returned.method.reply_code, returned.method.reply_text, returned.body.decode())

channel.basic_qos(prefetch_count=1)
bodies = []
for method, _, body in channel.consume(queue, inactivity_timeout=5):
    bodies.append(body.decode())
    channel.basic_ack(method.delivery_tag)
    if len(bodies) == 3:
        break
print("consumed", bodies, channel.cancel())

print("large", end=" ")
channel.basic_publish("", queue, b"x" * 1_000_000)
print(len(channel.basic_get(queue, auto_ack=True)[2]))

try:
    channel.queue_declare(queue, passive=False, durable=False)
except pika.exceptions.ChannelClosedByBroker as error:
    print("refused", error.reply_code, error.reply_text)

channel = connection.channel()
print("purged", channel.queue_purge(queue).method.message_count)
channel.queue_delete(queue)
channel.exchange_delete(queue)
connection.close()
print("closed", connection.is_closed)
