package dev.lanewise.samples;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.WarmUp;
import dev.lanewise.core.Workers;
import dev.lanewise.kernels.Backend;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.losses.Losses;
import dev.lanewise.nn.optim.AdamW;
import dev.lanewise.nn.optim.Optimizer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The time of one training step of {@link DigitNet}: forward, backward and optimizer on a batch of
 * random pictures. A command of its own, so that another JVM can time it on the other backend.
 */
@Command(name = "step-time", hidden = true, description = "Times a training step of the cnn.")
final class StepTime implements Callable<Integer> {
    static final int BATCH = 64;

    /** A step makes objects for its tape and its operations. */
    private static final long HEAP_BYTES = 1 << 20;

    /**
     * How long a step takes.
     *
     * @param milliseconds the median
     * @param steady whether the JIT had nothing left to do before
     */
    record Time(double milliseconds, boolean steady) {}

    @Option(names = "--threads", defaultValue = "1")
    private int threads;

    @Option(names = "--seconds", defaultValue = "4")
    private double seconds;

    @Override
    public Integer call() {
        Time time = measure(threads, seconds);
        Result.of("step-time")
                .put("backend", Backend.active().name().toLowerCase(Locale.ROOT))
                .put("milliseconds", time.milliseconds())
                .put("steady", Boolean.toString(time.steady()))
                .print();
        return 0;
    }

    /**
     * Median time of the steps that fit into so many seconds, at least 4, after a warm-up of at
     * most four times as long.
     */
    static Time measure(int threads, double seconds) {
        RandomStream random = new RandomStream(1);
        try (Scope scope = Scope.open();
                Workers.Setting _ = Workers.using(threads)) {
            DigitNet model = new DigitNet(10, random);
            Optimizer optimizer = AdamW.of(1e-3f).over(model);
            Tensor x = random.uniform(scope.empty(Shape.of(BATCH, 1, 28, 28)), 0, 1);
            int[] labels = new int[BATCH];
            Arrays.setAll(labels, i -> i % 10);
            Tensor y = scope.ofInts(labels);
            boolean steady =
                    WarmUp.of(() -> step(model, optimizer, x, y, random))
                            .limit(Duration.ofMillis((long) (4000 * seconds)))
                            .allowBytes(HEAP_BYTES)
                            .run()
                            .steady();
            List<Double> times = new ArrayList<>();
            long end = System.nanoTime() + (long) (seconds * 1e9);
            while (times.size() < 4 || System.nanoTime() < end) {
                long start = System.nanoTime();
                step(model, optimizer, x, y, random);
                times.add((System.nanoTime() - start) * 1e-6);
            }
            Collections.sort(times);
            return new Time(times.get(times.size() / 2), steady);
        }
    }

    private static void step(
            DigitNet model, Optimizer optimizer, Tensor x, Tensor y, RandomStream random) {
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            Variable logits = model.forward(Variable.of(x), Context.training(random));
            Variable loss = Losses.crossEntropy().of(logits, y);
            tape.gradients(loss, optimizer.gradients());
            optimizer.step();
        }
    }

    /** The same step in a JVM like this one but with the scalar kernels. */
    static Time measureScalar(int threads, double seconds) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Machine.arguments());
        command.addAll(List.of("-Dlanewise.kernels=scalar", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of(Main.class.getName(), "step-time"));
        command.addAll(List.of("--threads", Integer.toString(threads)));
        command.addAll(List.of("--seconds", Double.toString(seconds)));
        try {
            Path errors = Files.createTempFile("lanewise-step", ".log");
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            byte[] output = process.getInputStream().readAllBytes();
            int status = process.waitFor();
            String said = Files.readString(errors);
            Files.delete(errors);
            Matcher result =
                    Pattern.compile("backend=scalar milliseconds=([0-9.]+) steady=(true|false)")
                            .matcher(new String(output, StandardCharsets.UTF_8));
            if (status != 0 || !result.find()) {
                throw new SampleException(
                        "the step on the scalar backend failed with status "
                                + status
                                + ": "
                                + said);
            }
            return new Time(
                    Double.parseDouble(result.group(1)), Boolean.parseBoolean(result.group(2)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a second JVM", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SampleException("interrupted while waiting for the scalar step", e);
        }
    }
}
