package dev.lanewise.nn.training;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import java.io.Console;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Shows a run on standard error: on a terminal a bar per epoch with loss, accuracy, samples per
 * second and the time left, and after each epoch one line that stays. Elsewhere only the lines.
 */
public final class ProgressListener implements TrainingListener {
    private final PrintStream out;
    private final boolean interactive;
    private ProgressBar bar;

    /** Shows the run on standard error. */
    public ProgressListener() {
        this(System.err, isTerminal());
    }

    ProgressListener(PrintStream out, boolean interactive) {
        this.out = out;
        this.interactive = interactive;
    }

    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    @Override
    public void batchEnded(Progress p) {
        if (!interactive) {
            return;
        }
        if (bar == null) {
            bar = open(p);
        }
        bar.stepTo(p.samples());
        bar.setExtraMessage(
                Double.isNaN(p.accuracy())
                        ? String.format(Locale.ROOT, " loss %.4f", p.loss())
                        : String.format(
                                Locale.ROOT, " loss %.4f acc %.4f", p.loss(), p.accuracy()));
    }

    private ProgressBar open(Progress p) {
        return new ProgressBarBuilder()
                .setTaskName("epoch " + (p.epoch() + 1) + "/" + p.epochs())
                .setInitialMax(p.samplesPerEpoch())
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .showSpeed()
                .setSpeedUnit(ChronoUnit.SECONDS)
                .clearDisplayOnFinish()
                .build();
    }

    @Override
    public void epochEnded(EpochResult e) {
        closeBar();
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "epoch %2d  loss %.4f", e.epoch() + 1, e.loss()));
        appendIfKnown(line, "acc", e.accuracy());
        appendIfKnown(line, "| validation loss", e.validation().loss());
        appendIfKnown(line, "acc", e.validation().accuracy());
        line.append(
                String.format(
                        Locale.ROOT,
                        "  %.1f s, %,.0f samples/s",
                        e.seconds(),
                        e.samples() / e.seconds()));
        out.println(line);
    }

    private static void appendIfKnown(StringBuilder line, String name, double value) {
        if (!Double.isNaN(value)) {
            line.append(String.format(Locale.ROOT, "  %s %.4f", name, value));
        }
    }

    @Override
    public void trainingEnded(History history, Throwable failure) {
        closeBar();
        if (history.stoppedEarly()) {
            history.best()
                    .ifPresent(
                            best ->
                                    out.println(
                                            "stopped early; restored the weights of epoch "
                                                    + (best.epoch() + 1)));
        }
    }

    private void closeBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
