import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

/**
 * The LMAX Disruptor at the task of one producer and one reader, 8 bytes a record, in a process of its own. Each line on
 * standard input, `single|multi one|batch MICROSECONDS`, is one session, answered by `RECORDS NANOSECONDS` or by `wrong`.
 */
public final class DisruptorPeer {
    private static final int ROOM = 65_536;
    private static final int BATCH = 256;

    private static final class Event {
        long value;
    }

    /** Holds the values against the order in which they were put. */
    private static final class InOrder implements EventHandler<Event> {
        private long next = 1;
        private long wrong;

        @Override
        public void onEvent(Event event, long sequence, boolean endOfBatch) {
            wrong |= event.value ^ next++;
        }
    }

    private static String session(boolean single, boolean batches, long micros) throws InterruptedException {
        final RingBuffer<Event> ring = single
                ? RingBuffer.createSingleProducer(Event::new, ROOM, new BusySpinWaitStrategy())
                : RingBuffer.createMultiProducer(Event::new, ROOM, new BusySpinWaitStrategy());
        final InOrder order = new InOrder();
        final BatchEventProcessor<Event> reader = new BatchEventProcessor<>(ring, ring.newBarrier(), order);
        ring.addGatingSequences(reader.getSequence());
        final Thread thread = new Thread(reader);
        thread.start();
        while (!reader.isRunning()) {
            Thread.onSpinWait();
        }
        long next = 1;
        // Once round first, as with every queue, so that no page is touched for the first time while the clock runs.
        next = put(ring, batches, next, ROOM);
        while (reader.getSequence().get() != next - 2) {  // sequences begin at zero, values at one
            Thread.onSpinWait();
        }
        final long before = next;
        final long begin = System.nanoTime();
        final long until = begin + micros * 1_000;
        do {
            next = put(ring, batches, next, 4 * BATCH);
        } while (System.nanoTime() < until);
        while (reader.getSequence().get() != next - 2) {
            Thread.onSpinWait();
        }
        final long elapsed = System.nanoTime() - begin;
        reader.halt();
        thread.join();
        return order.wrong != 0 ? "wrong" : (next - before) + " " + elapsed;
    }

    private static long put(RingBuffer<Event> ring, boolean batches, long next, int count) {
        if (batches) {
            for (int done = 0; done < count; done += BATCH) {
                final long last = ring.next(BATCH);
                for (long sequence = last - BATCH + 1; sequence <= last; ++sequence) {
                    ring.get(sequence).value = next++;
                }
                ring.publish(last - BATCH + 1, last);
            }
            return next;
        }
        for (int done = 0; done < count; ++done) {
            final long sequence = ring.next();
            ring.get(sequence).value = next++;
            ring.publish(sequence);
        }
        return next;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        for (final boolean single : new boolean[] {true, false}) {  // until all of it is compiled
            for (final boolean batches : new boolean[] {true, false}) {
                for (int i = 0; i < 30; ++i) {
                    session(single, batches, 10_000);
                }
            }
        }
        System.out.println("ready");
        final BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null;) {
            final String[] words = line.split(" ");
            System.out.println(session(words[0].equals("single"), words[1].equals("batch"), Long.parseLong(words[2])));
        }
    }
}
