package dev.lanewise.nn;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.losses.Loss;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Compares gradients with numeric ones, for any module and loss or any function of variables.
 *
 * <p>A derivative is estimated from central differences at two steps, n = (4·d(h/2) − d(h)) / 3.
 * Where the two differ by more than the tolerance the function is not smooth within the step (a
 * ReLU's kink, a change of a maximum) and the element is left out; too many such elements fail the
 * check. Several outputs are combined with random weights, in double precision.
 *
 * <pre>{@code
 * GradientChecker.Report report = new GradientChecker().check(model, crossEntropy(), x, labels);
 * if (!report.isCorrect()) throw new AssertionError(report);
 * }</pre>
 */
public final class GradientChecker {

    private final double step;
    private final double tolerance;
    private final int elements;
    private final long seed;

    /** Step 1/1024, tolerance 0.005, 64 elements of each variable. */
    public GradientChecker() {
        this(1.0 / 1024, 0.005, 64, 0);
    }

    /**
     * A checker.
     *
     * @param step h, relative to max(1, |x|)
     * @param tolerance the bound on |analytic − numeric| / (1 + |numeric|)
     * @param elements how many elements of each variable are checked at most, drawn at random
     * @param seed of the draws
     */
    public GradientChecker(double step, double tolerance, int elements, long seed) {
        this.step = step;
        this.tolerance = tolerance;
        this.elements = elements;
        this.seed = seed;
    }

    /**
     * One compared element.
     *
     * @param variable the name of the variable
     * @param element its place in row-major order
     * @param analytic the derivative that the tape gives
     * @param numeric the estimate
     */
    public record Entry(String variable, long element, double analytic, double numeric) {
        /** |analytic − numeric| / (1 + |numeric|). */
        public double error() {
            double error = Math.abs(analytic - numeric) / (1 + Math.abs(numeric));
            return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        }
    }

    /**
     * The result of a check.
     *
     * @param compared the compared elements
     * @param left how many elements were left out as not smooth
     * @param tolerance the bound on errors
     */
    public record Report(List<Entry> compared, int left, double tolerance) {
        /** Whether all errors are within the tolerance and most elements could be compared. */
        public boolean isCorrect() {
            return compared.stream().allMatch(e -> e.error() <= tolerance)
                    && left <= compared.size();
        }

        /** The greatest error; 0 where nothing was compared. */
        public double worst() {
            return compared.stream().mapToDouble(Entry::error).max().orElse(0);
        }

        @Override
        public String toString() {
            StringBuilder text =
                    new StringBuilder(
                            "gradients %s: %d elements compared, %d left out, worst error %.2e, tolerance %.0e"
                                    .formatted(
                                            isCorrect() ? "agree" : "DIFFER",
                                            compared.size(),
                                            left,
                                            worst(),
                                            tolerance));
            compared.stream()
                    .filter(e -> e.error() > tolerance)
                    .limit(10)
                    .forEach(
                            e ->
                                    text.append(
                                            "\n  %s[%d]: analytic %.6g, numeric %.6g"
                                                    .formatted(
                                                            e.variable,
                                                            e.element,
                                                            e.analytic,
                                                            e.numeric)));
            return text.toString();
        }
    }

    /** Checks all trainable parameters of a layer, and its input, in inference mode. */
    public Report check(Layer layer, Loss loss, Tensor input, Tensor target) {
        return check(layer, loss, input, target, Context::inference);
    }

    /**
     * Checks all trainable parameters of a layer, and its input.
     *
     * @param context makes the context of each forward pass; for training with dropout one whose
     *     random stream begins at the same place every time
     */
    public Report check(
            Layer layer, Loss loss, Tensor input, Tensor target, Supplier<Context> context) {
        Map<String, Tensor> places = new LinkedHashMap<>();
        layer.parameters()
                .forEach(
                        (name, parameter) -> {
                            if (!parameter.isFrozen()) {
                                places.put(name, parameter.value());
                            }
                        });
        places.put("input", input);
        Function<Tape, List<Variable>> variables =
                tape -> {
                    List<Variable> all = new ArrayList<>();
                    layer.parameters()
                            .forEach(
                                    (name, parameter) -> {
                                        if (!parameter.isFrozen()) {
                                            all.add(parameter);
                                        }
                                    });
                    all.add(tape.watch(input));
                    return all;
                };
        return compare(
                places,
                variables,
                list -> loss.of(layer.forward(list.getLast(), context.get()), target));
    }

    /**
     * Checks a function of tensors.
     *
     * @param function the function of variables with these values, in order
     * @param tensors contiguous float32 tensors by name; changed meanwhile, and put back
     */
    public Report check(Function<List<Variable>, Variable> function, Map<String, Tensor> tensors) {
        return compare(
                tensors, tape -> tensors.values().stream().map(tape::watch).toList(), function);
    }

    private Report compare(
            Map<String, Tensor> places,
            Function<Tape, List<Variable>> variables,
            Function<List<Variable>, Variable> function) {
        List<float[]> analytic = new ArrayList<>();
        double[] weights;
        try (Scope scope = Scope.open();
                Tape tape = Tape.start()) {
            List<Variable> list = variables.apply(tape);
            Variable y = function.apply(list);
            weights = weights(y.shape());
            float[] seeds = new float[weights.length];
            for (int i = 0; i < seeds.length; i++) {
                seeds[i] = (float) weights[i];
            }
            Variable seedVariable = Variable.of(scope.of(seeds, y.shape()));
            for (Variable gradient : tape.differentiate(y, seedVariable, list)) {
                analytic.add(gradient.value().toArray());
            }
        }
        Supplier<Double> value =
                () -> {
                    try (Scope _ = Scope.open();
                            Tape tape = Tape.start()) {
                        float[] y = function.apply(variables.apply(tape)).value().toArray();
                        double sum = 0;
                        for (int i = 0; i < y.length; i++) {
                            sum += weights[i] * y[i];
                        }
                        return sum;
                    }
                };
        return compareAll(places, analytic, value);
    }

    private Report compareAll(
            Map<String, Tensor> places, List<float[]> analytic, Supplier<Double> value) {
        List<Entry> compared = new ArrayList<>();
        int left = 0;
        int index = 0;
        SplittableRandom random = new SplittableRandom(seed);
        for (Map.Entry<String, Tensor> place : places.entrySet()) {
            float[] found = analytic.get(index++);
            Tensor flat = place.getValue().view(Shape.of(found.length));
            int count = Math.min(elements, found.length);
            for (int k = 0; k < count; k++) {
                int element = count == found.length ? k : random.nextInt(found.length);
                double h = step * Math.max(1, Math.abs(flat.at(element)));
                double wide = difference(flat, element, h, value);
                double narrow = difference(flat, element, h / 2, value);
                if (Math.abs(wide - narrow) > tolerance * (1 + Math.abs(narrow))) {
                    left++;
                } else {
                    double numeric = (4 * narrow - wide) / 3;
                    compared.add(new Entry(place.getKey(), element, found[element], numeric));
                }
            }
        }
        return new Report(List.copyOf(compared), left, tolerance);
    }

    private static double difference(Tensor flat, int element, double h, Supplier<Double> value) {
        float before = flat.at(element);
        float above = (float) (before + h);
        float below = (float) (before - h);
        try {
            flat.set(above, element);
            double up = value.get();
            flat.set(below, element);
            // The floats are not exactly h away.
            return (up - value.get()) / ((double) above - below);
        } finally {
            flat.set(before, element);
        }
    }

    /** 1 for a single output, else random signs and sizes, floats as doubles. */
    private double[] weights(Shape shape) {
        int n = Math.toIntExact(shape.elements());
        double[] weights = new double[n];
        SplittableRandom random = new SplittableRandom(seed + 1);
        for (int i = 0; i < n; i++) {
            weights[i] = n == 1 ? 1 : (float) random.nextDouble(-1, 1);
        }
        return weights;
    }
}
