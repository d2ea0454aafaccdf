import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The LMAX Disruptor at the tasks of queues, 8 bytes a record, in a process of its own. Each line on standard input,
 * `single|multi|two one|batch MICROSECONDS`, is one session, answered by `RECORDS NANOSECONDS SHARE` or by
 * `wrong`: one producer and one reader, in a ring for one or for many producers; or two producers into an empty ring. The
 * share is what the worse-off of the two threads had of its processor.
 */
public final class DisruptorPeer {
    private static final int ROOM = 65_536;
    private static final int BATCH = 256;

    private static final class Event {
        long value;
    }

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** How much of a processor a thread has from now on. */
    private static final class Watch {
        private final long thread;
        private final long cpu;
        private final long begin = System.nanoTime();

        Watch(Thread thread) {
            this.thread = thread.getId();
            cpu = THREADS.getThreadCpuTime(this.thread);
        }

        double share() {
            return (double) (THREADS.getThreadCpuTime(thread) - cpu) / (System.nanoTime() - begin);
        }
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

    /** Two threads that wait for each other without sleeping. */
    private static final class Meeting {
        private final AtomicInteger arrived = new AtomicInteger();
        private volatile int generation;

        void arrive() {
            final int mine = generation;
            if (arrived.incrementAndGet() == 2) {
                arrived.set(0);
                generation = mine + 1;
                return;
            }
            while (generation == mine) {
                Thread.onSpinWait();
            }
        }
    }

    /** Two threads that fill three quarters of an empty ring together; one empties it afterwards, unmeasured. */
    private static final class TwoProducers {
        private static final int EACH = ROOM * 3 / 8 / BATCH * BATCH;
        private final RingBuffer<Event> ring =
                RingBuffer.createMultiProducer(Event::new, ROOM, new BusySpinWaitStrategy());
        private final Sequence taken = new Sequence();
        private final Meeting meeting = new Meeting();
        private final boolean batches;
        private final long wanted;
        private final long[] begin = new long[2];
        private final long[] end = new long[2];
        private final long[] next = {1L << 56, 2L << 56};
        private final double[] shares = new double[2];
        private volatile boolean over;
        private long nanoseconds;
        private long rounds;
        private boolean wrong;

        TwoProducers(boolean batches, long micros) {
            this.batches = batches;
            this.wanted = micros * 1_000 / 2;
            ring.addGatingSequences(taken);
        }

        String session() throws InterruptedException {
            final Thread other = new Thread(() -> work(1));
            other.start();
            work(0);
            other.join();
            return wrong ? "wrong" : rounds * 2 * EACH + " " + nanoseconds + " " + Math.min(shares[0], shares[1]);
        }

        private void work(int thread) {
            long value = next[thread];
            final Watch watch = new Watch(Thread.currentThread());
            for (int round = 0; !over; ++round) {
                meeting.arrive();
                begin[thread] = System.nanoTime();
                value = put(ring, batches, value, EACH);
                end[thread] = System.nanoTime();
                meeting.arrive();
                if (thread == 0) {
                    if (round > 1) {  // the first two go once round the ring
                        nanoseconds += Math.max(end[0], end[1]) - Math.min(begin[0], begin[1]);
                        ++rounds;
                    }
                    take();
                    over = nanoseconds >= wanted;
                }
                meeting.arrive();
            }
            shares[thread] = watch.share();
        }

        private void take() {
            for (long sequence = taken.get() + 1, last = sequence + 2 * EACH; sequence < last; ++sequence) {
                final long value = ring.get(sequence).value;
                final long whose = (value >>> 56) - 1;
                wrong |= whose < 0 || whose > 1 || value != next[(int) whose]++;
            }
            taken.set(taken.get() + 2 * EACH);
        }
    }

    private static String session(String producers, boolean batches, long micros) throws InterruptedException {
        return producers.equals("two") ? new TwoProducers(batches, micros).session()
                : session(producers.equals("single"), batches, micros);
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
        final Watch[] watches = {new Watch(Thread.currentThread()), new Watch(thread)};
        final long begin = System.nanoTime();
        final long until = begin + micros * 1_000;
        do {
            next = put(ring, batches, next, 4 * BATCH);
        } while (System.nanoTime() < until);
        while (reader.getSequence().get() != next - 2) {
            Thread.onSpinWait();
        }
        final long elapsed = System.nanoTime() - begin;
        final double share = Math.min(watches[0].share(), watches[1].share());
        reader.halt();
        thread.join();
        return order.wrong != 0 ? "wrong" : (next - before) + " " + elapsed + " " + share;
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
        for (final String producers : new String[] {"single", "multi", "two"}) {  // until all of it is compiled
            for (final boolean batches : new boolean[] {true, false}) {
                for (int i = 0; i < 30; ++i) {
                    session(producers, batches, 10_000);
                }
            }
        }
        System.out.println("ready");
        final BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null;) {
            final String[] words = line.split(" ");
            System.out.println(session(words[0], words[1].equals("batch"), Long.parseLong(words[2])));
        }
    }
}
