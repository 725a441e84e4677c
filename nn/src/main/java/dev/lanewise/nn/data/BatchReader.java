package dev.lanewise.nn.data;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads the batches of one epoch on a thread of its own, a few ahead of who uses them.
 *
 * <p>A ring of buffers goes round between the two threads: a batch is valid until the next call of
 * {@link #next}. A failure of the data set surfaces in {@link #next}. Closing stops the thread and
 * frees the buffers.
 */
public final class BatchReader implements AutoCloseable {
    private static final int RING = 3;

    /** Buffers on their way; a failure or the end travels as a slot too. */
    private static final class Slot {
        final Tensor inputs;
        final Tensor targets;
        int index;
        int count;
        Throwable failure;

        Slot(Tensor inputs, Tensor targets) {
            this.inputs = inputs;
            this.targets = targets;
        }
    }

    private final Batches batches;
    private final int firstBatch;
    private final int[] order;
    private final Scope buffers = Scope.detached();
    private final BlockingQueue<Slot> free = new ArrayBlockingQueue<>(RING);
    private final BlockingQueue<Slot> filled = new ArrayBlockingQueue<>(RING + 1);
    private final Thread thread;
    private Slot inUse;
    private boolean ended;
    private boolean closed;

    BatchReader(Batches batches, long epoch, int firstBatch) {
        if (firstBatch < 0 || firstBatch > batches.count()) {
            throw new IndexOutOfBoundsException(
                    "Batches.read: batch %d of an epoch of %d batches"
                            .formatted(firstBatch, batches.count()));
        }
        this.batches = batches;
        this.firstBatch = firstBatch;
        this.order = batches.order(epoch);
        Dataset data = batches.data();
        for (int i = 0; i < RING; i++) {
            free.add(
                    new Slot(
                            buffers.empty(
                                    rows(batches.batchSize(), data.inputShape()), data.inputType()),
                            buffers.empty(
                                    rows(batches.batchSize(), data.targetShape()),
                                    data.targetType())));
        }
        thread = Thread.ofPlatform().name("lanewise-batches").daemon(true).start(this::fill);
    }

    private static Shape rows(int count, Shape row) {
        return row.inserting(0, count);
    }

    /**
     * The next batch, or null after the last one. Waits until it has been read.
     *
     * @throws IllegalStateException if the data set failed, or the reader is closed
     */
    public Batch next() {
        if (closed) {
            throw new IllegalStateException("BatchReader.next: the reader is closed");
        }
        if (inUse != null) {
            free.add(inUse);
            inUse = null;
        }
        if (ended) {
            return null;
        }
        Slot slot = takeFilled();
        if (slot.failure != null) {
            ended = true;
            throw new IllegalStateException(
                    "reading a batch failed: " + slot.failure, slot.failure);
        }
        if (slot.count == 0) {
            ended = true;
            return null;
        }
        inUse = slot;
        return new Batch(
                slot.index, first(slot.inputs, slot.count), first(slot.targets, slot.count));
    }

    private static Tensor first(Tensor rows, int count) {
        return rows.size(0) == count ? rows : rows.slice(0, 0, count);
    }

    private Slot takeFilled() {
        try {
            return filled.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        }
    }

    private void fill() {
        Slot last = new Slot(null, null);
        try {
            for (int index = firstBatch; index < batches.count(); index++) {
                Slot slot = free.take();
                int from = index * batches.batchSize();
                slot.index = index;
                slot.count = Math.min(batches.batchSize(), order.length - from);
                batches.data().read(order, from, slot.count, slot.inputs, slot.targets);
                filled.put(slot);
            }
        } catch (InterruptedException e) {
            return; // closed early: nobody waits for more
        } catch (RuntimeException | Error e) {
            last.failure = e;
        }
        filled.add(last);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the buffers can't be freed under the reading thread
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        buffers.close();
    }
}
