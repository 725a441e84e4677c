package dev.lanewise.samples;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Workers;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.classic.Perceptron;
import dev.lanewise.nn.layers.Activation;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.Sequential;
import dev.lanewise.nn.losses.Losses;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.optim.Adam;
import dev.lanewise.nn.optim.Optimizer;
import dev.lanewise.samples.plot.FieldPlot;
import dev.lanewise.samples.plot.Pictures;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A perceptron against a multilayer perceptron on AND, OR and XOR: one line through the plane
 * separates the first two, and no line separates the third (Minsky and Papert 1969).
 */
@Command(
        name = "xor",
        description = "Perceptron against multilayer perceptron on AND, OR and XOR (A01, A02).")
final class Xor implements Callable<Integer> {
    private static final float[][] CORNERS = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    private static final int PASSES = 100;
    private static final int STEPS = 400;
    private static final int HIDDEN = 8;

    @Mixin private SampleOptions options;

    private enum Gate {
        AND(0, 0, 0, 1),
        OR(0, 1, 1, 1),
        XOR(0, 1, 1, 0);

        final float[] targets;

        Gate(float... targets) {
            this.targets = targets;
        }
    }

    /** What one model learned: right answers of 4, and its answers all over the plane. */
    private record Learned(int right, String effort, FieldPlot.Field field) {}

    @Override
    public Integer call() {
        long start = System.nanoTime();
        Path out = options.out("xor");
        Result result = Result.of("xor");
        List<BufferedImage> columns = new ArrayList<>();
        boolean draw = Pictures.canDraw();
        int perceptronRight = 0;
        int mlpRight = 0;
        System.out.printf("%-5s %-34s %s%n", "", "perceptron", "multilayer perceptron");
        try (Scope _ = Scope.open();
                Workers.Setting _ = Workers.using(options.threads())) {
            for (Gate gate : Gate.values()) {
                Learned perceptron = perceptron(gate);
                Learned mlp = mlp(gate);
                System.out.printf(
                        "%-5s %d of 4 right, %-19s %d of 4 right, %s%n",
                        gate, perceptron.right, perceptron.effort, mlp.right, mlp.effort);
                String name = gate.name().toLowerCase(java.util.Locale.ROOT);
                result.put("perceptron_" + name, perceptron.right / 4.0);
                result.put("mlp_" + name, mlp.right / 4.0);
                perceptronRight += gate == Gate.XOR ? 0 : perceptron.right;
                mlpRight += mlp.right;
                if (draw) {
                    columns.add(
                            Pictures.below(
                                    plot(gate, "perceptron", perceptron), plot(gate, "MLP", mlp)));
                }
            }
        }
        if (draw) {
            Path file = out.resolve("boundaries.png");
            Pictures.write(Pictures.beside(columns.toArray(BufferedImage[]::new)), file);
            System.out.println("picture: " + file);
        }
        result.put("seconds", (System.nanoTime() - start) * 1e-9).print();
        if (perceptronRight < 8 || mlpRight < 12) {
            throw new SampleException(
                    "quality gate missed: the perceptron must learn AND and OR, the multilayer perceptron all three");
        }
        return 0;
    }

    private static Learned perceptron(Gate gate) {
        Perceptron unit = new Perceptron(2);
        Tensor x = Scope.current().of(CORNERS);
        Tensor y = Scope.current().of(gate.targets);
        int passes = 0;
        int mistakes;
        do {
            mistakes = unit.learn(x, y, 1);
            passes++;
        } while (mistakes > 0 && passes < PASSES);
        String effort = mistakes == 0 ? passes + " passes" : "gave up after " + passes;
        return learned(gate, effort, points -> unit.predict(points));
    }

    private Learned mlp(Gate gate) {
        RandomStream random = new RandomStream(options.seed());
        Layer model =
                new Sequential(
                        new Linear(2, HIDDEN, random),
                        Activation.tanh(),
                        new Linear(HIDDEN, 1, random));
        Optimizer optimizer = Adam.of(0.05f).over(model);
        Tensor x = Scope.current().of(CORNERS);
        Tensor y = Scope.current().of(gate.targets, Shape.of(4, 1));
        float loss = 0;
        for (int step = 0; step < STEPS; step++) {
            try (Scope _ = Scope.open();
                    Tape tape = Tape.start()) {
                Variable logits = model.forward(Variable.of(x));
                Variable error = Losses.binaryCrossEntropyWithLogits().of(logits, y);
                tape.gradients(error, optimizer.gradients());
                optimizer.step();
                loss = error.item();
            }
        }
        return learned(
                gate,
                "loss %.4f after %d steps".formatted(loss, STEPS),
                points -> Functional.sigmoid(model.forward(Variable.of(points))).value());
    }

    private static Learned learned(
            Gate gate, String effort, java.util.function.UnaryOperator<Tensor> model) {
        FieldPlot.Field field =
                points -> {
                    try (Scope scope = Scope.open()) {
                        return model.apply(scope.of(points, Shape.of(points.length / 2, 2)))
                                .toArray();
                    }
                };
        float[] answers = field.at(new float[] {0, 0, 0, 1, 1, 0, 1, 1});
        int right = 0;
        for (int i = 0; i < 4; i++) {
            right += (answers[i] > 0.5) == (gate.targets[i] == 1) ? 1 : 0;
        }
        return new Learned(right, effort, field);
    }

    private static BufferedImage plot(Gate gate, String model, Learned learned) {
        List<FieldPlot.Point> points = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            points.add(new FieldPlot.Point(CORNERS[i][0], CORNERS[i][1], (int) gate.targets[i]));
        }
        return FieldPlot.draw(
                gate + ", " + model,
                learned.right + " of 4 right",
                -0.5,
                1.5,
                learned.field,
                points);
    }
}
