"""Four inpainting networks, their checkpoints, the engine that runs them and the worker on the queue.

The clinic imports `contract`, `envelope` and `canonical` from here, training `networks` and `checkpoint`; nothing of
ours is imported in return.
"""
